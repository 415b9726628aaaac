namespace OrleansLog.Protocol;

/// <summary>Topics that brokers keep for themselves: clients read them, but only a coordinator writes them.</summary>
public static class InternalTopics
{
    /// <summary>Committed offsets and groups.</summary>
    public const string ConsumerOffsets = "__consumer_offsets";

    /// <summary>Transactions.</summary>
    public const string TransactionState = "__transaction_state";

    /// <summary>Whether a topic is one of them.</summary>
    /// <param name="topic">Topic name.</param>
    public static bool Contains(string? topic) =>
        topic is { Length: > 2 } && topic[0] == '_' && topic is ConsumerOffsets or TransactionState;
}
