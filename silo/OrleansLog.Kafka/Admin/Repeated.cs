namespace OrleansLog.Kafka.Admin;

/// <summary>What a request names more than once: Kafka refuses each such name, and answers it once.</summary>
internal static class Repeated
{
    public static HashSet<T> In<T>(IEnumerable<T> items)
    {
        var seen = new HashSet<T>();
        return [.. items.Where(item => !seen.Add(item))];
    }
}
