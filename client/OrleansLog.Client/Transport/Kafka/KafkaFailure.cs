namespace OrleansLog.Client;

/// <summary>Why a request got no answer.</summary>
/// <param name="Code">What the caller is told: retriable unless the peer is no broker, or too old a one.</param>
/// <param name="Message">What happened and where, for a person.</param>
internal sealed record KafkaFailure(ErrorCode Code, string Message)
{
    public static KafkaFailure Network(string message) => new(ErrorCode.NetworkException, message);

    /// <summary>The peer does not speak the protocol; trying again will not help.</summary>
    public static KafkaFailure NotABroker(string message) => new(ErrorCode.UnsupportedVersion, message);

    public LogException ToException() => new(Code, Message);
}

/// <summary>What became of a request: a response, or why there is none.</summary>
/// <param name="Response">The response, or null.</param>
/// <param name="Failure">Null where there is a response.</param>
/// <param name="WasSent">True when the broker may have seen the request.</param>
internal readonly record struct KafkaAnswer<TResponse>(TResponse? Response, KafkaFailure? Failure, bool WasSent)
    where TResponse : class;
