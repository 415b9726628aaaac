using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>The cluster does not take this broker; the silo cannot go on and says why.</summary>
public sealed class BrokerRegistrationException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">What the controller answered.</param>
    /// <param name="message">What was wrong and what to do.</param>
    /// <param name="inner">What the last attempt failed with.</param>
    public BrokerRegistrationException(ErrorCode error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>What the controller answered.</summary>
    public ErrorCode Error { get; }
}
