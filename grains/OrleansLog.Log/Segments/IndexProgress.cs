using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

/// <summary>
/// When an index entry is due: Kafka's rules, for appending and for building anew alike. An entry comes in front of the first
/// batch after more than <c>index.interval.bytes</c> without one.
/// </summary>
internal struct IndexProgress()
{
    /// <summary>The largest timestamp of the segment's first batch, which <c>segment.ms</c> counts from; -1 while there is none.</summary>
    internal long FirstTimestampMs { get; set; } = -1;

    /// <summary>The largest timestamp so far, and the last offset of the first batch that has it.</summary>
    internal TimestampOffset Max { get; set; } = TimestampOffset.Unknown;

    internal long BytesSinceEntry { get; set; }

    internal readonly bool IsEntryDue(int indexIntervalBytes) => BytesSinceEntry > indexIntervalBytes;

    internal void Note(OffsetIndex offsets, TimeIndex times, in RecordBatchHeader header, int position, int indexIntervalBytes)
    {
        if (position == 0)
            FirstTimestampMs = header.MaxTimestamp;
        if (header.MaxTimestamp > Max.TimestampMs)
            Max = new TimestampOffset(header.MaxTimestamp, header.LastOffset);
        if (IsEntryDue(indexIntervalBytes))
        {
            offsets.Append(header.LastOffset, position);
            times.MaybeAppend(Max);
            BytesSinceEntry = 0;
        }

        BytesSinceEntry += header.SizeInBytes;
    }
}
