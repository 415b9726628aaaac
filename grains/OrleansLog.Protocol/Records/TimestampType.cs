namespace OrleansLog.Protocol.Records;

/// <summary>Whose clock a batch's timestamps come from.</summary>
public enum TimestampType : byte
{
    /// <summary>The producer's, one per record.</summary>
    CreateTime = 0,

    /// <summary>The leader's when it appended: one for the whole batch, in <see cref="RecordBatchHeader.MaxTimestamp"/>.</summary>
    LogAppendTime = 1,
}
