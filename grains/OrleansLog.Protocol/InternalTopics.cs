namespace OrleansLog.Protocol;

/// <summary>Topics that brokers keep for themselves: clients read them, but only a coordinator writes them.</summary>
public static class InternalTopics
{
    /// <summary>Committed offsets and groups.</summary>
    public const string ConsumerOffsets = "__consumer_offsets";

    /// <summary>Transactions.</summary>
    public const string TransactionState = "__transaction_state";

    /// <summary>State of share groups (KIP-932).</summary>
    public const string ShareGroupState = "__share_group_state";

    /// <summary>The metadata log, which is no topic here; the name is kept free all the same, as tools take it for what it is in Kafka.</summary>
    public const string ClusterMetadata = "__cluster_metadata";

    /// <summary>Whether a topic is one of them.</summary>
    /// <param name="topic">Topic name.</param>
    public static bool Contains(string? topic) =>
        topic is { Length: > 2 } && topic[0] == '_' && topic is ConsumerOffsets or TransactionState or ShareGroupState or ClusterMetadata;
}
