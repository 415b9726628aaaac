namespace OrleansLog.Core.Controller;

/// <summary>A controller took over: the first record that each activation appends, and what fences the one before it.</summary>
/// <param name="Epoch">Controller epoch; one more than the one before.</param>
/// <param name="Silo">Silo that the controller runs on.</param>
public sealed record ControllerEpochRecord(long Epoch, string Silo) : MetadataRecord;

/// <summary>Names the cluster, once.</summary>
/// <param name="ClusterId">22 characters, as Kafka writes uuids.</param>
public sealed record ClusterRecord(string ClusterId) : MetadataRecord;

/// <summary>What the brokers of a cluster prove to each other that they are of it (D13), once. A build without replication may skip it.</summary>
/// <param name="Secret">Random bits as hexadecimal digits.</param>
public sealed record ClusterSecretRecord(string Secret) : MetadataRecord
{
    /// <summary>Does not tell the secret.</summary>
    public override string ToString() => nameof(ClusterSecretRecord);
}

/// <summary>The finalized level of a feature, such as <c>metadata.version</c>.</summary>
/// <param name="Name">Feature name.</param>
/// <param name="Level">Finalized level; 0 takes the feature away.</param>
public sealed record FeatureLevelRecord(string Name, short Level) : MetadataRecord;

/// <summary>A broker was given a block of producer ids: all below <paramref name="NextId"/> are taken. A build without them may skip it.</summary>
/// <param name="BrokerId">The broker that has the block.</param>
/// <param name="BrokerEpoch">Broker epoch of its registration.</param>
/// <param name="NextId">The first id of the next block.</param>
public sealed record ProducerIdsRecord(int BrokerId, long BrokerEpoch, long NextId) : MetadataRecord;

/// <summary>Sets or removes a configuration value.</summary>
/// <param name="Kind">Topic or broker.</param>
/// <param name="Owner">Topic name, or broker id as text; empty for all brokers.</param>
/// <param name="Key">Configuration key.</param>
/// <param name="Value">The value, or null to remove it.</param>
public sealed record ConfigRecord(ConfigOwnerKind Kind, string Owner, string Key, string? Value = null) : MetadataRecord;
