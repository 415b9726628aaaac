namespace OrleansLog.Protocol.Records;

/// <summary>What became of looking at a batch.</summary>
public readonly struct BatchVerdict
{
    internal BatchVerdict(BatchFault fault, in RecordBatchHeader header, int recordIndex = -1, long maxTimestampMs = -1)
    {
        Fault = fault;
        Header = header;
        RecordIndex = recordIndex;
        MaxTimestampMs = maxTimestampMs;
    }

    /// <summary>The fault, or <see cref="BatchFault.None"/>.</summary>
    public BatchFault Fault { get; }

    /// <summary>The error that a client gets.</summary>
    public ErrorCode Error => Fault.ToErrorCode();

    /// <summary>Whether the batch is good.</summary>
    public bool IsGood => Fault == BatchFault.None;

    /// <summary>The header as far as there were bytes for one; all zero otherwise.</summary>
    public RecordBatchHeader Header { get; }

    /// <summary>Index of the record at fault, or -1 if it is the batch as a whole.</summary>
    public int RecordIndex { get; }

    /// <summary>
    /// The largest timestamp found in the records if they were walked, else the header's claim. Where it differs from
    /// <see cref="RecordBatchHeader.MaxTimestamp"/>, the leader corrects it with
    /// <see cref="RecordBatchHeader.SetMaxTimestampAndType"/>.
    /// </summary>
    public long MaxTimestampMs { get; }

    /// <summary>Whether the leader has to write <see cref="MaxTimestampMs"/> into the batch before it appends it.</summary>
    public bool MaxTimestampDiffers => IsGood && MaxTimestampMs != Header.MaxTimestamp;
}
