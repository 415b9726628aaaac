namespace OrleansLog.Core.Partition;

/// <summary>What a producer waits for, with Kafka's numbers.</summary>
public enum AckLevel : short
{
    /// <summary>Every in-sync replica has it: the high watermark passed it.</summary>
    All = -1,

    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The leader has stored it.</summary>
    Leader = 1,
}
