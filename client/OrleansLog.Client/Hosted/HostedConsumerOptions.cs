namespace OrleansLog.Client;

/// <summary>Which records a hosted consumer handles one after the other.</summary>
public enum RecordOrder : byte
{
    /// <summary>Those of one key, in their order; those without a key in any order.</summary>
    Key,

    /// <summary>Those of one partition, in their order.</summary>
    Partition,
}

/// <summary>Settings of a hosted consumer; read once, when it starts.</summary>
public sealed class HostedConsumerOptions
{
    /// <summary>The topics. Required.</summary>
    public Subscription? Topics { get; set; }

    /// <summary>
    /// The group; its <see cref="GroupOptions.GroupId"/> is required. <see cref="GroupOptions.AutoCommit"/> has no meaning here: what is handled is
    /// committed every <see cref="GroupOptions.AutoCommitIntervalMs"/>, when partitions go, and at the end.
    /// </summary>
    public GroupOptions Group { get; } = new();

    /// <summary>How records are read.</summary>
    public ConsumerOptions Consumer { get; } = new();

    /// <summary>Records that are handled at the same time: 1 to 10,000, default 16.</summary>
    public int MaxConcurrency { get; set; } = 16;

    /// <summary>Records that are read and not done with, at which reading pauses until half of them are done: default 1,000.</summary>
    public int MaxInFlight { get; set; } = 1_000;

    /// <summary>Which records are handled one after the other. Default: those of one key.</summary>
    public RecordOrder Order { get; set; } = RecordOrder.Key;

    /// <summary>Attempts at a record before it is given up: default 5. One that cannot be deserialized is given up at once.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>First wait before another attempt, in milliseconds: default 200. It doubles each time, up to <see cref="RetryBackoffMaxMs"/>.</summary>
    public int RetryBackoffMs { get; set; } = 200;

    /// <summary>Longest wait before another attempt, in milliseconds: default 30,000.</summary>
    public int RetryBackoffMaxMs { get; set; } = 30_000;

    /// <summary>
    /// Where records go that were given up, byte for byte, with headers that tell where they come from and why (see
    /// <see cref="DeadLetterHeaders"/>). Null, the default: a record that is given up stops the consumer, and so the host, unless
    /// <see cref="SkipsFailed"/> is set; nothing is lost, and the next start begins with that record.
    /// </summary>
    public string? DeadLetterTopic { get; set; }

    /// <summary>Without a <see cref="DeadLetterTopic"/>: drops a record that was given up, after an error in the log. Default false.</summary>
    public bool SkipsFailed { get; set; }

    /// <summary>Longest wait for what is being handled when partitions go to another member, in milliseconds: default 30,000.</summary>
    public int RevokeTimeoutMs { get; set; } = 30_000;

    /// <summary>
    /// Longest wait for what is being handled when the host stops, in milliseconds: default 20,000. Keep it below the host's
    /// <c>ShutdownTimeout</c> (30 seconds by default), which has to do for the last commit too.
    /// </summary>
    public int DrainTimeoutMs { get; set; } = 20_000;

    internal void Validate()
    {
        if (Topics is null)
            throw new ArgumentException("Topics is not set; name what the hosted consumer reads: Subscription.To(\"orders\").");
        _ = Group.Snapshot();
        OptionCheck.Range(nameof(MaxConcurrency), MaxConcurrency, 1, 10_000);
        OptionCheck.Range(nameof(MaxInFlight), MaxInFlight, 1, 1_000_000);
        OptionCheck.Defined(nameof(Order), Order);
        OptionCheck.Range(nameof(MaxAttempts), MaxAttempts, 1, int.MaxValue);
        OptionCheck.Range(nameof(RetryBackoffMs), RetryBackoffMs, 0, 3_600_000);
        OptionCheck.Range(nameof(RetryBackoffMaxMs), RetryBackoffMaxMs, RetryBackoffMs, 3_600_000);
        OptionCheck.Range(nameof(RevokeTimeoutMs), RevokeTimeoutMs, 0, int.MaxValue);
        OptionCheck.Range(nameof(DrainTimeoutMs), DrainTimeoutMs, 0, int.MaxValue);
    }
}
