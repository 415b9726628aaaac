namespace OrleansLog.Protocol.Records;

/// <summary>Walks over the records of a batch once and checks every length, count and offset in them.</summary>
internal ref struct RecordWalk
{
    /// <summary>Index of the record at fault, or -1.</summary>
    public int RecordIndex { get; private set; } = -1;

    /// <summary>The largest timestamp seen.</summary>
    public long MaxTimestampMs { get; private set; } = RecordBatchHeader.None;

    /// <summary>Whether offsets have no holes, as in a batch from a producer; a cleaned batch may have some.</summary>
    public bool OffsetsAreDense { get; init; }

    /// <summary>Whether every record needs a key.</summary>
    public bool RequireKeys { get; init; }

    /// <summary>The bounds of timestamps; -1, "none", passes always.</summary>
    public TimestampBounds Bounds { get; init; } = TimestampBounds.Any;

    /// <summary>Takes the records that the rules refuse, so that the walk goes on behind them; null ends it at the first.</summary>
    public List<BadRecord>? Bad { get; init; }

    /// <summary>A walk that asks for nothing but well-formed records.</summary>
    public RecordWalk()
    {
    }

    /// <summary>Walks over the records, which have to fill the span exactly.</summary>
    public BatchFault Run(ReadOnlySpan<byte> records, in RecordBatchHeader header)
    {
        int position = 0;
        int previousDelta = -1;
        long baseTimestamp = header.BaseTimestamp;
        long maxTimestamp = RecordBatchHeader.None;
        int count = header.RecordCount;
        for (int i = 0; i < count; i++)
        {
            if (!RecordFrame.TryParse(records, position, out RecordFrame frame) || !frame.HeadersAreWellFormed(records))
                return At(i, BatchFault.MalformedRecord);
            if (frame.OffsetDelta <= previousDelta || frame.OffsetDelta > header.LastOffsetDelta ||
                (OffsetsAreDense && frame.OffsetDelta != i))
            {
                return At(i, BatchFault.OffsetOutOfSequence);
            }

            long timestamp = unchecked(baseTimestamp + frame.TimestampDelta);
            BatchFault refusal = RequireKeys && frame.KeyLength < 0 ? BatchFault.KeyMissing : Bounds.Check(timestamp);
            if (refusal != BatchFault.None)
            {
                if (Bad is null) return At(i, refusal);
                if (Bad.Count == Bad.Capacity) break;
                Bad.Add(new BadRecord(i, refusal));
            }

            maxTimestamp = Math.Max(maxTimestamp, timestamp);
            previousDelta = frame.OffsetDelta;
            position = frame.End;
        }

        MaxTimestampMs = maxTimestamp;
        return position == records.Length ? BatchFault.None : BatchFault.TrailingBytes;
    }

    private BatchFault At(int index, BatchFault fault)
    {
        RecordIndex = index;
        return fault;
    }
}

/// <summary>Between which times a record's timestamp has to lie.</summary>
internal readonly record struct TimestampBounds(long OldestMs, long NewestMs)
{
    /// <summary>No bounds.</summary>
    public static TimestampBounds Any => new(long.MinValue, long.MaxValue);

    /// <summary>What a topic's configuration asks for at a time; before 1970 is never right.</summary>
    public static TimestampBounds Of(in BatchRules rules)
    {
        if (rules.TimestampType == TimestampType.LogAppendTime) return Any;
        long oldest = rules.TimestampBeforeMaxMs >= rules.NowMs ? 0 : rules.NowMs - rules.TimestampBeforeMaxMs;
        long newest = rules.TimestampAfterMaxMs >= long.MaxValue - rules.NowMs ? long.MaxValue : rules.NowMs + rules.TimestampAfterMaxMs;
        return new TimestampBounds(oldest, newest);
    }

    public BatchFault Check(long timestampMs)
    {
        if (timestampMs > NewestMs) return BatchFault.TimestampTooNew;
        return timestampMs < OldestMs && timestampMs != RecordBatchHeader.None ? BatchFault.TimestampTooOld : BatchFault.None;
    }
}
