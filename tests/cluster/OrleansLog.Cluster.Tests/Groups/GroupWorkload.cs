namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>How much is sent, and what it is sent to.</summary>
internal sealed record GroupWorkload
{
    /// <summary>Topics and their partitions.</summary>
    public IReadOnlyDictionary<string, int> Topics { get; init; } = new Dictionary<string, int> { ["orders"] = 4, ["payments"] = 3 };

    public int Producers { get; init; } = 3;

    /// <summary>Records of each producer per tick of 20 ms.</summary>
    public int RecordsPerTick { get; init; } = 6;
}
