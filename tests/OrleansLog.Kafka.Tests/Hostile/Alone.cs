namespace OrleansLog.Kafka.Tests.Hostile;

/// <summary>Tests that count what the process allocates, or what its instruments say: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
