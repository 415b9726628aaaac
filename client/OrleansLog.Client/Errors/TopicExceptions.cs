using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>The topic, or the partition of it, does not exist.</summary>
public sealed class UnknownTopicException : LogException
{
    internal UnknownTopicException(string? topic, string? message = null, ErrorCode code = ErrorCode.UnknownTopicOrPartition)
        : base(code, message ?? (topic is null ? null : $"Topic '{topic}' does not exist; create it first, or check its spelling."))
        => Topic = topic;

    /// <summary>The topic, where one was named.</summary>
    public string? Topic { get; }

    /// <summary>False: asking again does not make it exist.</summary>
    public override bool IsRetriable => false;
}

/// <summary>A topic of that name exists.</summary>
public sealed class TopicAlreadyExistsException : LogException
{
    internal TopicAlreadyExistsException(string? topic, string? message = null)
        : base(ErrorCode.TopicAlreadyExists, message ?? (topic is null ? null : $"Topic '{topic}' exists already."))
        => Topic = topic;

    /// <summary>The topic, where one was named.</summary>
    public string? Topic { get; }
}
