namespace OrleansLog.Protocol.Records;

/// <summary>What exactly is wrong with a batch. <see cref="BatchFaults.Describe"/> has a sentence for each.</summary>
public enum BatchFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>There are fewer bytes than a header has, or than the header claims.</summary>
    TooShort,

    /// <summary>The length field is smaller than the rest of a header.</summary>
    LengthTooSmall,

    /// <summary>Bytes follow the batch: one batch per partition and request.</summary>
    MoreThanOneBatch,

    /// <summary>The batch is larger than it may be.</summary>
    TooLarge,

    /// <summary>The format is not magic 2.</summary>
    UnsupportedMagic,

    /// <summary>The CRC does not match.</summary>
    CrcMismatch,

    /// <summary>The codec's number is not known.</summary>
    UnknownCodec,

    /// <summary>The number of records is not positive, or negative where it may be zero.</summary>
    InvalidRecordCount,

    /// <summary>The last offset delta is not the number of records less one.</summary>
    LastOffsetDeltaMismatch,

    /// <summary>A client sent a control batch.</summary>
    ControlBatchFromClient,

    /// <summary>A client sent a batch with a delete horizon, which only the cleaner may set.</summary>
    DeleteHorizonFromClient,

    /// <summary>There is a producer id but no valid epoch.</summary>
    InvalidProducerEpoch,

    /// <summary>There is a producer id but no sequence number.</summary>
    InvalidSequence,

    /// <summary>The batch is transactional without a producer id.</summary>
    TransactionalWithoutProducerId,

    /// <summary>A client sent a batch that claims LogAppendTime.</summary>
    LogAppendTimeFromClient,

    /// <summary>A timestamp is too far in the past.</summary>
    TimestampTooOld,

    /// <summary>A timestamp is too far in the future.</summary>
    TimestampTooNew,

    /// <summary>A record's bytes end too early, or one of its lengths or counts lies.</summary>
    MalformedRecord,

    /// <summary>Records' offsets do not follow one another as they must.</summary>
    OffsetOutOfSequence,

    /// <summary>Bytes follow the last record.</summary>
    TrailingBytes,

    /// <summary>A record of a compacted topic has no key.</summary>
    KeyMissing,

    /// <summary>The compressed bytes cannot be decompressed.</summary>
    CorruptCompression,

    /// <summary>Decompressed, the records are larger than they may be.</summary>
    DecompressedTooLarge,

    /// <summary>The batch says that it has more records than its compressed bytes can become.</summary>
    MoreRecordsThanFit,
}

/// <summary>Sentences and error codes for <see cref="BatchFault"/>.</summary>
public static class BatchFaults
{
    /// <summary>One sentence for an error message or a log line.</summary>
    public static string Describe(this BatchFault fault) => fault switch
    {
        BatchFault.None => "The batch is good.",
        BatchFault.TooShort => "The bytes end before the batch does.",
        BatchFault.LengthTooSmall => "The length field of the batch is smaller than its header.",
        BatchFault.MoreThanOneBatch => "There are bytes behind the batch; a request carries one batch per partition.",
        BatchFault.TooLarge => "The batch is larger than max.message.bytes allows.",
        BatchFault.UnsupportedMagic => "The batch does not have format version (magic) 2.",
        BatchFault.CrcMismatch => "The CRC of the batch does not match its bytes.",
        BatchFault.UnknownCodec => "The batch is compressed with a codec that is not known here.",
        BatchFault.InvalidRecordCount => "The batch does not have a positive number of records.",
        BatchFault.LastOffsetDeltaMismatch => "The last offset delta of the batch is not its number of records less one.",
        BatchFault.ControlBatchFromClient => "Clients may not write control batches.",
        BatchFault.DeleteHorizonFromClient => "Clients may not write batches with a delete horizon.",
        BatchFault.InvalidProducerEpoch => "The batch has a producer id but no valid producer epoch.",
        BatchFault.InvalidSequence => "The batch has a producer id but no valid sequence number.",
        BatchFault.TransactionalWithoutProducerId => "The batch is transactional but has no producer id.",
        BatchFault.LogAppendTimeFromClient => "Clients may not set the timestamp type LogAppendTime.",
        BatchFault.TimestampTooOld => "A timestamp is further in the past than message.timestamp.before.max.ms allows.",
        BatchFault.TimestampTooNew => "A timestamp is further in the future than message.timestamp.after.max.ms allows.",
        BatchFault.MalformedRecord => "A record ends too early, or a length in it is wrong.",
        BatchFault.OffsetOutOfSequence => "The offsets of the records do not follow one another.",
        BatchFault.TrailingBytes => "There are bytes behind the last record of the batch.",
        BatchFault.KeyMissing => "A record has no key, but the topic is compacted.",
        BatchFault.CorruptCompression => "The compressed records cannot be decompressed.",
        BatchFault.DecompressedTooLarge => "Decompressed, the records are larger than allowed.",
        BatchFault.MoreRecordsThanFit => "The batch says that it has more records than its compressed bytes can hold.",
        _ => "The batch has a fault that has no name here.",
    };

    /// <summary>Whether it is one of single records, and the others of the batch may be good.</summary>
    public static bool IsOfRecords(this BatchFault fault) => fault is BatchFault.KeyMissing || fault.IsOfTimestamps();

    /// <summary>Whether it is a timestamp out of the topic's bounds.</summary>
    public static bool IsOfTimestamps(this BatchFault fault) => fault is BatchFault.TimestampTooOld or BatchFault.TimestampTooNew;

    /// <summary>The error that a client gets for the fault.</summary>
    public static ErrorCode ToErrorCode(this BatchFault fault) => fault switch
    {
        BatchFault.None => ErrorCode.None,
        BatchFault.TooShort or BatchFault.LengthTooSmall or BatchFault.CrcMismatch or BatchFault.CorruptCompression =>
            ErrorCode.CorruptMessage,
        BatchFault.TooLarge or BatchFault.DecompressedTooLarge => ErrorCode.MessageTooLarge,
        BatchFault.UnknownCodec => ErrorCode.UnsupportedCompressionType,
        BatchFault.LogAppendTimeFromClient or BatchFault.TimestampTooOld or BatchFault.TimestampTooNew =>
            ErrorCode.InvalidTimestamp,
        _ => ErrorCode.InvalidRecord,
    };
}
