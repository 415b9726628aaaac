using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>
/// What the SDK throws when the cluster refuses or cannot answer. <see cref="Code"/> is Kafka's error code; subclasses exist
/// where a program is likely to catch one kind.
/// </summary>
/// <example>
/// <code>
/// try
/// {
///     await producer.ProduceAsync("orders", key, order);
/// }
/// catch (DeliveryUnknownException)
/// {
///     // The answer was lost: the record may be in the log. Sending it again may duplicate it.
/// }
/// catch (LogException error) when (error.IsRetriable)
/// {
///     // Certainly not stored; the same call may succeed later.
/// }
/// </code>
/// </example>
public class LogException : Exception
{
    /// <summary>Makes an error of a code.</summary>
    /// <param name="code">Kafka's error code.</param>
    /// <param name="message">What was wrong and what to do; null takes the code's own sentence.</param>
    /// <param name="inner">What caused it.</param>
    public LogException(ErrorCode code, string? message = null, Exception? inner = null)
        : base(message ?? code.Describe(), inner) => Code = code;

    /// <summary>Kafka's error code; its name is <c>Code.KafkaName()</c>.</summary>
    public ErrorCode Code { get; }

    /// <summary>True when the same call may succeed later without any change.</summary>
    public virtual bool IsRetriable => Code.IsRetriable();

    /// <summary>True when the object that threw cannot go on and must be made anew.</summary>
    public virtual bool IsFatal => false;

    /// <summary>The exception that fits a code.</summary>
    internal static LogException From(ErrorCode code, string? message, string? topic = null) => code switch
    {
        ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId => new UnknownTopicException(topic, message, code),
        ErrorCode.TopicAlreadyExists => new TopicAlreadyExistsException(topic, message),
        ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge => new RecordTooLargeException(message, code),
        _ => new LogException(code, message),
    };

    /// <summary>Throws the exception that fits, unless there is no error.</summary>
    internal static void ThrowIfError(ErrorCode code, string? message, string? topic = null)
    {
        if (code != ErrorCode.None)
            throw From(code, message, topic);
    }
}
