using System.Buffers.Binary;
using OrleansLog.Protocol.Compression;
using static System.Buffers.Binary.BinaryPrimitives;

namespace OrleansLog.Protocol.Records;

/// <summary>
/// The 61 bytes in front of a batch's records, as they are: <see cref="TryRead"/> checks nothing but that they are there.
/// What they claim is believed only after <see cref="RecordBatchValidator"/> has looked.
/// </summary>
public readonly record struct RecordBatchHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = BatchLayout.Records;

    /// <summary>Bytes in front of what <see cref="BatchLength"/> counts: base offset and the length itself.</summary>
    public const int LogOverhead = 12;

    /// <summary>No producer id, epoch or sequence; no timestamp.</summary>
    public const int None = -1;

    /// <summary>Offset of the first record that the producer put in (cleaning may have removed it since).</summary>
    public long BaseOffset { get; init; }

    /// <summary>Bytes that follow the length field.</summary>
    public int BatchLength { get; init; }

    /// <summary>Epoch of the leader that appended the batch.</summary>
    public int PartitionLeaderEpoch { get; init; }

    /// <summary>The format; 2 is the only one that is read here.</summary>
    public byte Magic { get; init; }

    /// <summary>CRC-32C of everything from the attributes on.</summary>
    public uint Crc { get; init; }

    /// <summary>Codec, timestamp type and flags.</summary>
    public short Attributes { get; init; }

    /// <summary>Offset of the last record, less <see cref="BaseOffset"/>.</summary>
    public int LastOffsetDelta { get; init; }

    /// <summary>What the records' timestamp deltas are counted from; the delete horizon where <see cref="HasDeleteHorizon"/>.</summary>
    public long BaseTimestamp { get; init; }

    /// <summary>The largest timestamp of the batch in milliseconds since 1970, or the time of the append.</summary>
    public long MaxTimestamp { get; init; }

    /// <summary>The producer's id, or -1.</summary>
    public long ProducerId { get; init; }

    /// <summary>The producer's epoch, or -1.</summary>
    public short ProducerEpoch { get; init; }

    /// <summary>Sequence number of the first record, or -1.</summary>
    public int BaseSequence { get; init; }

    /// <summary>Number of records that are in the batch.</summary>
    public int RecordCount { get; init; }

    /// <summary>How the records are compressed; check <see cref="CompressionCodecs.IsKnown"/>.</summary>
    public CompressionCodec Codec => (CompressionCodec)(Attributes & BatchLayout.CodecMask);

    /// <summary>Whose clock the timestamps come from.</summary>
    public TimestampType TimestampType =>
        (Attributes & BatchLayout.TimestampTypeFlag) != 0 ? TimestampType.LogAppendTime : TimestampType.CreateTime;

    /// <summary>Whether the batch belongs to a transaction.</summary>
    public bool IsTransactional => (Attributes & BatchLayout.TransactionalFlag) != 0;

    /// <summary>Whether the batch is a marker that consumers do not get to see.</summary>
    public bool IsControl => (Attributes & BatchLayout.ControlFlag) != 0;

    /// <summary>Whether <see cref="BaseTimestamp"/> is the time from which tombstones may go.</summary>
    public bool HasDeleteHorizon => (Attributes & BatchLayout.DeleteHorizonFlag) != 0;

    /// <summary>The time from which tombstones and markers of this batch may go, if the cleaner has set one.</summary>
    public long? DeleteHorizonMs => HasDeleteHorizon ? BaseTimestamp : null;

    /// <summary>Whether the batch has a producer id.</summary>
    public bool HasProducerId => ProducerId > None;

    /// <summary>Offset of the last record that the producer put in.</summary>
    public long LastOffset => BaseOffset + LastOffsetDelta;

    /// <summary>Offset of whatever follows this batch.</summary>
    public long NextOffset => BaseOffset + LastOffsetDelta + 1;

    /// <summary>Sequence number of the last record, wrapping at 2^31 - 1, or -1.</summary>
    public int LastSequence => BaseSequence == None ? None : (int)(((long)BaseSequence + LastOffsetDelta) & int.MaxValue);

    /// <summary>Bytes of the whole batch; more than an int holds if the length lies.</summary>
    public long SizeInBytes => LogOverhead + (long)BatchLength;

    /// <summary>Reads the header from the first 61 bytes; false if there are fewer.</summary>
    public static bool TryRead(ReadOnlySpan<byte> batch, out RecordBatchHeader header)
    {
        if (batch.Length < Size)
        {
            header = default;
            return false;
        }

        header = new RecordBatchHeader
        {
            BaseOffset = ReadInt64BigEndian(batch),
            BatchLength = ReadInt32BigEndian(batch[BatchLayout.BatchLength..]),
            PartitionLeaderEpoch = ReadInt32BigEndian(batch[BatchLayout.PartitionLeaderEpoch..]),
            Magic = batch[BatchLayout.Magic],
            Crc = ReadUInt32BigEndian(batch[BatchLayout.Crc..]),
            Attributes = ReadInt16BigEndian(batch[BatchLayout.Attributes..]),
            LastOffsetDelta = ReadInt32BigEndian(batch[BatchLayout.LastOffsetDelta..]),
            BaseTimestamp = ReadInt64BigEndian(batch[BatchLayout.BaseTimestamp..]),
            MaxTimestamp = ReadInt64BigEndian(batch[BatchLayout.MaxTimestamp..]),
            ProducerId = ReadInt64BigEndian(batch[BatchLayout.ProducerId..]),
            ProducerEpoch = ReadInt16BigEndian(batch[BatchLayout.ProducerEpoch..]),
            BaseSequence = ReadInt32BigEndian(batch[BatchLayout.BaseSequence..]),
            RecordCount = ReadInt32BigEndian(batch[BatchLayout.RecordCount..]),
        };
        return true;
    }

    /// <summary>Writes all 61 bytes, the CRC as it stands in this value.</summary>
    public void Write(Span<byte> batch)
    {
        batch = batch[..Size];
        WriteInt64BigEndian(batch, BaseOffset);
        WriteInt32BigEndian(batch[BatchLayout.BatchLength..], BatchLength);
        WriteInt32BigEndian(batch[BatchLayout.PartitionLeaderEpoch..], PartitionLeaderEpoch);
        batch[BatchLayout.Magic] = Magic;
        WriteUInt32BigEndian(batch[BatchLayout.Crc..], Crc);
        WriteInt16BigEndian(batch[BatchLayout.Attributes..], Attributes);
        WriteInt32BigEndian(batch[BatchLayout.LastOffsetDelta..], LastOffsetDelta);
        WriteInt64BigEndian(batch[BatchLayout.BaseTimestamp..], BaseTimestamp);
        WriteInt64BigEndian(batch[BatchLayout.MaxTimestamp..], MaxTimestamp);
        WriteInt64BigEndian(batch[BatchLayout.ProducerId..], ProducerId);
        WriteInt16BigEndian(batch[BatchLayout.ProducerEpoch..], ProducerEpoch);
        WriteInt32BigEndian(batch[BatchLayout.BaseSequence..], BaseSequence);
        WriteInt32BigEndian(batch[BatchLayout.RecordCount..], RecordCount);
    }

    /// <summary>Puts the base offset into a batch, outside what the CRC covers.</summary>
    public static void SetBaseOffset(Span<byte> batch, long baseOffset) => WriteInt64BigEndian(batch, baseOffset);

    /// <summary>Puts the leader's epoch into a batch, outside what the CRC covers.</summary>
    public static void SetPartitionLeaderEpoch(Span<byte> batch, int leaderEpoch) =>
        WriteInt32BigEndian(batch[BatchLayout.PartitionLeaderEpoch..], leaderEpoch);

    /// <summary>
    /// Puts the largest timestamp and the timestamp type into a whole batch and writes its CRC anew: for topics with
    /// LogAppendTime, and where a producer computed its largest timestamp wrong. Changes nothing if both are there already.
    /// </summary>
    public static void SetMaxTimestampAndType(Span<byte> batch, long maxTimestampMs, TimestampType type)
    {
        short old = ReadInt16BigEndian(batch[BatchLayout.Attributes..]);
        short attributes = type == TimestampType.LogAppendTime
            ? (short)(old | BatchLayout.TimestampTypeFlag)
            : (short)(old & ~BatchLayout.TimestampTypeFlag);
        if (attributes == old && ReadInt64BigEndian(batch[BatchLayout.MaxTimestamp..]) == maxTimestampMs) return;
        WriteInt16BigEndian(batch[BatchLayout.Attributes..], attributes);
        WriteInt64BigEndian(batch[BatchLayout.MaxTimestamp..], maxTimestampMs);
        WriteUInt32BigEndian(batch[BatchLayout.Crc..], ComputeCrc(batch));
    }

    /// <summary>CRC-32C of a whole batch, to compare with <see cref="Crc"/>.</summary>
    public static uint ComputeCrc(ReadOnlySpan<byte> batch) => Crc32C.Compute(batch[BatchLayout.Attributes..]);
}
