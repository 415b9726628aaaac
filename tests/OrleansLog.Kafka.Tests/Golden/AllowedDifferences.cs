namespace OrleansLog.Kafka.Tests.Golden;

/// <summary>Where our answers may differ from the recorded ones, and why.</summary>
internal static class AllowedDifferences
{
    public static bool MayDiffer(RecordedExchange exchange, string path, object? recorded, object? ours) => false;

    public static bool MayBeMissing(RecordedExchange exchange, string path, object recorded) => false;

    public static bool MayBeExtra(RecordedExchange exchange, string path, object ours) => false;
}
