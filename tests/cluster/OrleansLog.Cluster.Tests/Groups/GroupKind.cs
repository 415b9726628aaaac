namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>Whose consumers a group is made of, and how they share partitions.</summary>
internal enum GroupKind
{
    /// <summary>librdkafka, range: a rebalance takes everything from everybody.</summary>
    Eager,

    /// <summary>librdkafka, cooperative-sticky.</summary>
    Cooperative,

    /// <summary>The SDK over the socket, assigned by the coordinator.</summary>
    Sdk,
}
