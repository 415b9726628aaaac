using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

/// <summary>What is remembered of one batch, to know it again.</summary>
internal readonly record struct ProducerBatch(int LastSequence, int OffsetDelta, long LastOffset, long TimestampMs)
{
    internal static ProducerBatch Of(in RecordBatchHeader header) =>
        new(header.LastSequence, header.LastOffsetDelta, header.LastOffset, header.MaxTimestamp);

    internal long BaseOffset => LastOffset - OffsetDelta;

    /// <summary>Sequences go from 0 to 2^31 - 1 and around.</summary>
    internal int BaseSequence => (LastSequence - OffsetDelta) & int.MaxValue;
}
