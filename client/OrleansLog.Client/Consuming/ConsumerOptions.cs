namespace OrleansLog.Client;

/// <summary>What a consumer does where it has no valid offset.</summary>
public enum AutoOffsetReset : byte
{
    /// <summary>Goes on with what comes from now on.</summary>
    Latest,

    /// <summary>Goes on with the first record that the partition still has.</summary>
    Earliest,

    /// <summary>Throws <see cref="OffsetOutOfRangeException"/>.</summary>
    None,
}

/// <summary>Settings of a consumer, with Kafka's meanings; read once, when the consumer is made.</summary>
public sealed class ConsumerOptions
{
    /// <summary>What to do without a valid offset. Default <see cref="AutoOffsetReset.Latest"/>.</summary>
    public AutoOffsetReset AutoOffsetReset { get; set; } = AutoOffsetReset.Latest;

    /// <summary>Which records are seen while transactions are open. Default <see cref="IsolationLevel.ReadUncommitted"/>.</summary>
    public IsolationLevel Isolation { get; set; } = IsolationLevel.ReadUncommitted;

    /// <summary>
    /// Where this consumer runs: brokers with <c>replica.selector.class</c> send it to an in-sync replica with that <c>broker.rack</c> (KIP-392), which spares
    /// traffic between sites and costs some milliseconds. Null (the default) reads from leaders. Over Kafka's protocol only.
    /// </summary>
    public string? ClientRack { get; set; }

    /// <summary>Longest wait of a read for <see cref="FetchMinBytes"/>, in milliseconds: 0 to 60,000, default 500.</summary>
    public int FetchMaxWaitMs { get; set; } = 500;

    /// <summary>Bytes worth answering for: default 1.</summary>
    public int FetchMinBytes { get; set; } = 1;

    /// <summary>Most bytes of one read of one partition: default 1 MiB. One whole batch is always read, even if it is larger.</summary>
    public int FetchPartitionBytes { get; set; } = 1024 * 1024;

    /// <summary>Most bytes of one read of one broker: default 16 MiB.</summary>
    public int FetchMaxBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Bytes read ahead for a partition, at which reading it pauses: default 2 MiB.</summary>
    public int PrefetchPartitionBytes { get; set; } = 2 * 1024 * 1024;

    /// <summary>Bytes read ahead for all partitions, at which reading pauses: default 32 MiB.</summary>
    public long PrefetchBytes { get; set; } = 32L * 1024 * 1024;

    /// <summary>Largest batch that is opened, in bytes after decompression: default 256 MiB, from 1 KiB to 2 GiB. A larger one is a <see cref="CorruptRecordException"/>, as soon as the bound is reached: a bomb costs no more.</summary>
    public long MaxDecompressedBatchBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>Checks the CRC of every batch. Default true.</summary>
    public bool CheckCrcs { get; set; } = true;

    /// <summary>Longest time that lookups and other requests may take, with their retries, in milliseconds: default 60,000.</summary>
    public int ApiTimeoutMs { get; set; } = 60_000;

    /// <summary>First wait before a retry, in milliseconds: default 100. It doubles with each attempt, up to <see cref="RetryBackoffMaxMs"/>.</summary>
    public int RetryBackoffMs { get; set; } = 100;

    /// <summary>Longest wait before a retry, in milliseconds: default 1,000.</summary>
    public int RetryBackoffMaxMs { get; set; } = 1_000;

    /// <summary>
    /// How long a partition that the cluster does not know is asked for again, in milliseconds: default 2,000. A topic that another
    /// program has just created reaches the brokers one after the other.
    /// </summary>
    public int UnknownTopicRetryMs { get; set; } = 2_000;

    /// <summary>Age at which metadata is read again though nothing failed, in milliseconds: default 300,000.</summary>
    public int MetadataMaxAgeMs { get; set; } = 300_000;

    internal ConsumerOptions Snapshot()
    {
        var copy = (ConsumerOptions)MemberwiseClone();
        copy.Validate();
        return copy;
    }

    private void Validate()
    {
        OptionCheck.Defined(nameof(AutoOffsetReset), AutoOffsetReset);
        OptionCheck.Defined(nameof(Isolation), Isolation);
        OptionCheck.Range(nameof(FetchMaxWaitMs), FetchMaxWaitMs, 0, 60_000);
        OptionCheck.Range(nameof(FetchMinBytes), FetchMinBytes, 0, int.MaxValue);
        OptionCheck.Range(nameof(FetchPartitionBytes), FetchPartitionBytes, 1, 1024 * 1024 * 1024);
        OptionCheck.Range(nameof(FetchMaxBytes), FetchMaxBytes, 1, 1024 * 1024 * 1024);
        OptionCheck.Range(nameof(PrefetchPartitionBytes), PrefetchPartitionBytes, 1, 1024 * 1024 * 1024);
        OptionCheck.Range(nameof(PrefetchBytes), PrefetchBytes, 1, long.MaxValue);
        OptionCheck.Range(nameof(MaxDecompressedBatchBytes), MaxDecompressedBatchBytes, 1024, int.MaxValue);
        OptionCheck.Range(nameof(ApiTimeoutMs), ApiTimeoutMs, 1, int.MaxValue);
        OptionCheck.Range(nameof(RetryBackoffMs), RetryBackoffMs, 0, 3_600_000);
        OptionCheck.Range(nameof(RetryBackoffMaxMs), RetryBackoffMaxMs, RetryBackoffMs, 3_600_000);
        OptionCheck.Range(nameof(UnknownTopicRetryMs), UnknownTopicRetryMs, 0, int.MaxValue);
        OptionCheck.Range(nameof(MetadataMaxAgeMs), MetadataMaxAgeMs, 100, int.MaxValue);
    }
}
