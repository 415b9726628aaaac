using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client;

/// <summary>Settings of a producer, with Kafka's meanings; read once, when the producer is made.</summary>
/// <example>
/// <code>
/// var producer = log.CreateProducer&lt;string, string&gt;(new ProducerOptions { LingerMs = 20, Compression = CompressionCodec.Zstd });
/// </code>
/// </example>
public sealed class ProducerOptions
{
    /// <summary>When a record counts as stored. Default <see cref="Acks.All"/>.</summary>
    public Acks Acks { get; set; } = Acks.All;

    /// <summary>
    /// Whether batches are numbered, so that one whose answer was lost is sent again and still stored once, in order (KIP-98). Null, the
    /// default: yes with <see cref="Acks.All"/>, no with the others. True with another <see cref="Acks"/> is an error. Without it, a batch whose
    /// answer was lost, or whose leader changed, is not sent again but reported with <see cref="DeliveryUnknownException"/>.
    /// </summary>
    public bool? EnableIdempotence { get; set; }

    /// <summary>
    /// Largest batch, in bytes before compression: 1 KiB to 1 GiB, default 1,000,000. The topic's <c>max.message.bytes</c> bounds
    /// a batch too. A record that is larger travels in a batch of its own, if <see cref="MaxRecordBytes"/> lets it.
    /// </summary>
    public int BatchBytes { get; set; } = 1_000_000;

    /// <summary>
    /// How long a batch that is not full waits for more records, in milliseconds: 0 to 900,000, default 5. With 0 a batch goes out
    /// at once, unless one of the same partition is under way.
    /// </summary>
    public int LingerMs { get; set; } = 5;

    /// <summary>Largest record, in bytes before compression: default 1,048,576.</summary>
    public int MaxRecordBytes { get; set; } = 1024 * 1024;

    /// <summary>Most bytes that wait for their outcome, of all partitions together: default 32 MiB. Over it, callers wait.</summary>
    public long BufferMemoryBytes { get; set; } = 32L * 1024 * 1024;

    /// <summary>Longest wait for room in the buffer, or for the topic's metadata, in milliseconds: default 60,000.</summary>
    public int MaxBlockMs { get; set; } = 60_000;

    /// <summary>
    /// Longest time from a record's acceptance to its outcome, in milliseconds: default 120,000. Retries happen within it. A batch
    /// that may have been stored when it ends, because an answer was lost or did not come yet, is reported as unknown.
    /// </summary>
    public int DeliveryTimeoutMs { get; set; } = 120_000;

    /// <summary>How long a broker may wait for replicas or its disk, in milliseconds: default 30,000.</summary>
    public int RequestTimeoutMs { get; set; } = 30_000;

    /// <summary>First wait before a retry, in milliseconds: default 100. It doubles with each attempt, up to <see cref="RetryBackoffMaxMs"/>.</summary>
    public int RetryBackoffMs { get; set; } = 100;

    /// <summary>Longest wait before a retry, in milliseconds: default 1,000.</summary>
    public int RetryBackoffMaxMs { get; set; } = 1_000;

    /// <summary>
    /// How long a topic that the cluster does not know is asked for again, in milliseconds: default 2,000. A topic that another
    /// program has just created reaches the brokers one after the other.
    /// </summary>
    public int UnknownTopicRetryMs { get; set; } = 2_000;

    /// <summary>
    /// Creates a topic that does not exist, with the brokers' defaults, if they have <c>auto.create.topics.enable</c>. Default true.
    /// </summary>
    public bool AllowAutoCreateTopics { get; set; } = true;

    /// <summary>Age at which a topic's metadata is read again though nothing failed, in milliseconds: default 300,000.</summary>
    public int MetadataMaxAgeMs { get; set; } = 300_000;

    /// <summary>Codec of the batches. Default <see cref="CompressionCodec.None"/>.</summary>
    public CompressionCodec Compression { get; set; } = CompressionCodec.None;

    /// <summary>Level of the codec, or null for its default.</summary>
    public int? CompressionLevel { get; set; }

    /// <summary>
    /// Chooses partitions. Default <see cref="Partitioner.Default"/>: murmur2 of the key as the Java client does it, and for records
    /// without key one partition until a batch's worth of bytes went there (sticky).
    /// </summary>
    public IPartitioner Partitioner { get; set; } = Client.Partitioner.Default;

    internal bool IsIdempotent => EnableIdempotence ?? Acks == Acks.All;

    internal ProducerOptions Snapshot()
    {
        var copy = (ProducerOptions)MemberwiseClone();
        copy.Validate();
        return copy;
    }

    private void Validate()
    {
        OptionCheck.Range(nameof(BatchBytes), BatchBytes, 1024, 1024 * 1024 * 1024);
        OptionCheck.Range(nameof(LingerMs), LingerMs, 0, 900_000);
        OptionCheck.Range(nameof(MaxRecordBytes), MaxRecordBytes, 1, 1024 * 1024 * 1024);
        OptionCheck.Range(nameof(BufferMemoryBytes), BufferMemoryBytes, 1024, long.MaxValue);
        OptionCheck.Range(nameof(MaxBlockMs), MaxBlockMs, 0, int.MaxValue);
        OptionCheck.Range(nameof(DeliveryTimeoutMs), DeliveryTimeoutMs, 1, int.MaxValue);
        OptionCheck.Range(nameof(RequestTimeoutMs), RequestTimeoutMs, 1, int.MaxValue);
        OptionCheck.Range(nameof(RetryBackoffMs), RetryBackoffMs, 0, 3_600_000);
        OptionCheck.Range(nameof(RetryBackoffMaxMs), RetryBackoffMaxMs, RetryBackoffMs, 3_600_000);
        OptionCheck.Range(nameof(UnknownTopicRetryMs), UnknownTopicRetryMs, 0, int.MaxValue);
        OptionCheck.Range(nameof(MetadataMaxAgeMs), MetadataMaxAgeMs, 100, int.MaxValue);
        OptionCheck.Defined(nameof(Acks), Acks);
        OptionCheck.Defined(nameof(Compression), Compression);
        if (EnableIdempotence == true && Acks != Acks.All)
            throw new ArgumentException($"EnableIdempotence needs Acks.All: with Acks.{Acks} nobody could tell what has to be sent again. Leave one of the two at its default.");
        if (CompressionLevel is { } level && !Compression.IsValidLevel(level))
            throw new ArgumentException($"CompressionLevel is {level}, which {Compression.Name()} does not have.");
        ArgumentNullException.ThrowIfNull(Partitioner);
        if (DeliveryTimeoutMs < LingerMs)
            throw new ArgumentException($"DeliveryTimeoutMs ({DeliveryTimeoutMs}) must not be less than LingerMs ({LingerMs}).");
        if (BufferMemoryBytes < BatchBytes)
            throw new ArgumentException($"BufferMemoryBytes ({BufferMemoryBytes}) must not be less than BatchBytes ({BatchBytes}).");
        if (BufferMemoryBytes < MaxRecordBytes)
            throw new ArgumentException($"BufferMemoryBytes ({BufferMemoryBytes}) must not be less than MaxRecordBytes ({MaxRecordBytes}).");
    }
}
