using OrleansLog.Protocol.Compression;

namespace OrleansLog.Protocol.Records;

/// <summary>What the batches of a <see cref="RecordBatchBuilder"/> are like.</summary>
public sealed record RecordBatchBuilderOptions
{
    /// <summary>The codec; none by default.</summary>
    public CompressionCodec Codec { get; init; } = CompressionCodec.None;

    /// <summary>The codec's level, or null for its default; see <see cref="CompressionCodecs.IsValidLevel"/>.</summary>
    public int? CompressionLevel { get; init; }

    /// <summary>
    /// Bytes of a batch before compression, header included, at which it is full: 16 KiB by default, at least 256. A first record
    /// that is larger than this is taken nevertheless, in a batch of its own.
    /// </summary>
    public int CapacityBytes { get; init; } = 16 * 1024;

    /// <summary>The producer's id, or -1.</summary>
    public long ProducerId { get; init; } = -1;

    /// <summary>The producer's epoch, or -1.</summary>
    public short ProducerEpoch { get; init; } = -1;

    /// <summary>Sequence number of the first record, or -1.</summary>
    public int BaseSequence { get; init; } = -1;

    /// <summary>Whether the batch belongs to a transaction.</summary>
    public bool IsTransactional { get; init; }

    /// <summary>Whether it is a control batch: only the broker writes those.</summary>
    public bool IsControl { get; init; }

    /// <summary>The timestamp type; producers leave it at <see cref="TimestampType.CreateTime"/>.</summary>
    public TimestampType TimestampType { get; init; } = TimestampType.CreateTime;

    /// <summary>The time of the append, used with <see cref="TimestampType.LogAppendTime"/>.</summary>
    public long LogAppendTimeMs { get; init; } = -1;

    /// <summary>Offset of the first record; the leader overwrites a producer's 0.</summary>
    public long BaseOffset { get; init; }

    /// <summary>Epoch of the leader, or -1; the leader overwrites it.</summary>
    public int PartitionLeaderEpoch { get; init; } = -1;

    /// <summary>The cleaner's delete horizon, kept in the batch's base timestamp; null for none.</summary>
    public long? DeleteHorizonMs { get; init; }
}
