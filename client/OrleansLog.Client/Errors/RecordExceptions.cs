using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>A serializer threw for a key or value; the record was not accepted. The inner exception is the serializer's.</summary>
public sealed class RecordSerializationException : LogException
{
    internal RecordSerializationException(string topic, bool isKey, Exception inner)
        : base(ErrorCode.InvalidRecord, $"The {(isKey ? "key" : "value")} of a record for '{topic}' could not be serialized: {inner.Message}", inner)
    {
        Topic = topic;
        IsKey = isKey;
    }

    /// <summary>The record's topic.</summary>
    public string Topic { get; }

    /// <summary>True when it was the key, false when it was the value.</summary>
    public bool IsKey { get; }

    /// <summary>False: the same record fails again.</summary>
    public override bool IsRetriable => false;
}

/// <summary>
/// A deserializer threw for a record that was read. The consumer stands before that record: reading on throws again, and
/// <c>consumer.Seek(error.Partition, StartAt.Offset(error.Offset + 1))</c> skips it.
/// </summary>
public sealed class RecordDeserializationException : LogException
{
    internal RecordDeserializationException(TopicPartition partition, long offset, bool isKey, Exception inner)
        : base(
            ErrorCode.InvalidRecord,
            $"The {(isKey ? "key" : "value")} of the record at offset {offset} of {partition} could not be deserialized: {inner.Message}",
            inner)
    {
        Partition = partition;
        Offset = offset;
        IsKey = isKey;
    }

    /// <summary>Where the record is.</summary>
    public TopicPartition Partition { get; }

    /// <summary>Its offset.</summary>
    public long Offset { get; }

    /// <summary>True when it was the key, false when it was the value.</summary>
    public bool IsKey { get; }

    /// <summary>False: the same record fails again.</summary>
    public override bool IsRetriable => false;
}

/// <summary>
/// A batch that was read is damaged (CORRUPT_MESSAGE), or would unpack to more than
/// <see cref="ConsumerOptions.MaxDecompressedBatchBytes"/> (MESSAGE_TOO_LARGE). The consumer stands before it; seek beyond it to go on.
/// </summary>
public sealed class CorruptRecordException : LogException
{
    internal CorruptRecordException(TopicPartition partition, long offset, string message, ErrorCode code = ErrorCode.CorruptMessage)
        : base(code, message)
    {
        Partition = partition;
        Offset = offset;
    }

    /// <summary>Where the batch is.</summary>
    public TopicPartition Partition { get; }

    /// <summary>The offset that the consumer wanted to read.</summary>
    public long Offset { get; }

    /// <summary>False: the same bytes come again.</summary>
    public override bool IsRetriable => false;
}

/// <summary>
/// The consumer wanted an offset that the partition does not have (deleted, or never written), and
/// <see cref="ConsumerOptions.AutoOffsetReset"/> is <see cref="AutoOffsetReset.None"/>.
/// </summary>
public sealed class OffsetOutOfRangeException : LogException
{
    internal OffsetOutOfRangeException(TopicPartition partition, long offset, Watermarks watermarks)
        : base(
            ErrorCode.OffsetOutOfRange,
            $"Offset {offset} of {partition} does not exist: it has {watermarks.Low} up to {watermarks.High}; seek, or set AutoOffsetReset.")
    {
        Partition = partition;
        Offset = offset;
        Watermarks = watermarks;
    }

    /// <summary>The partition.</summary>
    public TopicPartition Partition { get; }

    /// <summary>The offset that was asked for.</summary>
    public long Offset { get; }

    /// <summary>What the partition had when it refused.</summary>
    public Watermarks Watermarks { get; }

    /// <summary>False: seek first.</summary>
    public override bool IsRetriable => false;
}

/// <summary>
/// What the consumer has read is not in the partition any more from an offset on: an unclean election took it (KIP-320), and other records may stand in its
/// place. Thrown where <see cref="ConsumerOptions.AutoOffsetReset"/> is <see cref="AutoOffsetReset.None"/>; the consumer goes on at the
/// diverging offset otherwise.
/// </summary>
public sealed class LogTruncationException : LogException
{
    internal LogTruncationException(TopicPartition partition, long offset, long divergingOffset)
        : base(
            ErrorCode.OffsetOutOfRange,
            $"{partition} was read up to offset {offset}, but what lay from {divergingOffset} on was lost in an unclean election; seek to {divergingOffset}, or set AutoOffsetReset.")
    {
        Partition = partition;
        Offset = offset;
        DivergingOffset = divergingOffset;
    }

    /// <summary>The partition.</summary>
    public TopicPartition Partition { get; }

    /// <summary>The offset up to which it was read.</summary>
    public long Offset { get; }

    /// <summary>The first offset that is known to be another record than the one that was read, or none.</summary>
    public long DivergingOffset { get; }

    /// <summary>False: seek first.</summary>
    public override bool IsRetriable => false;
}
