using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>
/// The record may or may not be in the log: the answer to it was lost, did not come in time, or left it open, as that of a broker does whose
/// leadership has ended. An idempotent producer (the default) sends it again until <see cref="ProducerOptions.DeliveryTimeoutMs"/> before it says so;
/// one without idempotence does not, because that could store it twice. The inner exception is the last answer, where there was one.
/// </summary>
public sealed class DeliveryUnknownException : LogException
{
    internal DeliveryUnknownException(TopicPartition partition, ErrorCode code, string? message = null, LogException? last = null)
        : base(code, message ?? $"The answer for {partition} was lost; the record may or may not be in the log.", last)
        => Partition = partition;

    /// <summary>Where the record was sent.</summary>
    public TopicPartition Partition { get; }

    /// <summary>False: sending it again may store it twice.</summary>
    public override bool IsRetriable => false;
}

/// <summary>
/// The record was not stored within <see cref="ProducerOptions.DeliveryTimeoutMs"/>. It certainly is not in the log; the inner
/// exception is the last refusal, where there was one.
/// </summary>
public sealed class DeliveryTimeoutException : LogException
{
    internal DeliveryTimeoutException(TopicPartition partition, int timeoutMs, LogException? last = null)
        : base(ErrorCode.RequestTimedOut, Text(partition, timeoutMs, last), last) => Partition = partition;

    /// <summary>Where the record was to go.</summary>
    public TopicPartition Partition { get; }

    private static string Text(TopicPartition partition, int timeoutMs, LogException? last) => last is null
        ? $"A record for {partition} could not be sent within {timeoutMs} ms (DeliveryTimeoutMs)."
        : $"A record for {partition} was not stored within {timeoutMs} ms (DeliveryTimeoutMs); the last refusal was: {last.Message}";
}

/// <summary>
/// The broker refused this record, and with it its batch; it is not in the log. <see cref="LogException.Code"/> says of what kind the fault is:
/// INVALID_RECORD, as a null key in a compacted topic, or INVALID_TIMESTAMP.
/// </summary>
public sealed class RecordRefusedException : LogException
{
    internal RecordRefusedException(TopicPartition partition, ErrorCode code, string message)
        : base(code, $"A record for {partition} was refused: {message}") => Partition = partition;

    /// <summary>Where the record was to go.</summary>
    public TopicPartition Partition { get; }

    /// <summary>False: the same record is refused again.</summary>
    public override bool IsRetriable => false;
}

/// <summary>
/// The record was refused because others of its batch were, which got a <see cref="RecordRefusedException"/>; it is not in the log.
/// Nothing is known to be wrong with it.
/// </summary>
public sealed class BatchRefusedException : LogException
{
    internal BatchRefusedException(TopicPartition partition, ErrorCode code, string? message)
        : base(code, $"A record for {partition} was refused because other records of its batch were: {message ?? code.Describe()}") => Partition = partition;

    /// <summary>Where the record was to go.</summary>
    public TopicPartition Partition { get; }

    /// <summary>True: without those others it may be taken.</summary>
    public override bool IsRetriable => true;
}

/// <summary>The record, or the batch that it is alone in, is larger than the producer, the topic or the broker allows.</summary>
public sealed class RecordTooLargeException : LogException
{
    internal RecordTooLargeException(string? message, ErrorCode code = ErrorCode.MessageTooLarge) : base(code, message)
    {
    }

    /// <summary>False: it will not get smaller.</summary>
    public override bool IsRetriable => false;
}

/// <summary>
/// No room in the producer's buffer within <see cref="ProducerOptions.MaxBlockMs"/>: records come faster than the cluster
/// takes them, or it takes none.
/// </summary>
public sealed class BufferFullException : LogException
{
    internal BufferFullException(string message) : base(ErrorCode.RequestTimedOut, message)
    {
    }
}

/// <summary>The producer was closed before the record was sent; it certainly is not in the log.</summary>
public sealed class ProducerClosedException : LogException
{
    internal ProducerClosedException(string message) : base(ErrorCode.UnknownServerError, message)
    {
    }

    /// <summary>False: this producer is closed.</summary>
    public override bool IsRetriable => false;

    /// <summary>True: make another producer.</summary>
    public override bool IsFatal => true;
}
