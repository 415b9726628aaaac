namespace OrleansLog.Kafka;

/// <summary>A listener that cannot be opened; the message names the key to change.</summary>
public sealed class KafkaListenerException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, and what to do.</param>
    /// <param name="innerException">What the system said.</param>
    public KafkaListenerException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
