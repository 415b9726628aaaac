using System.Text.Json.Serialization;

namespace OrleansLog.Cli;

// The JSON documents that -o json answers with; docs/reference/olog.md lists them. Fields are added, never renamed.

internal sealed record TopicDocument(
    string Name, string TopicId, int PartitionCount, int ReplicationFactor, bool IsInternal,
    IReadOnlyList<PartitionDocument>? Partitions = null, IReadOnlyDictionary<string, string>? Configs = null);

internal sealed record PartitionDocument(
    int Partition, int Leader, int LeaderEpoch, int[] Replicas, int[] Isr, int[] EligibleLeaderReplicas, int[] OfflineReplicas, string? Error);

internal sealed record TopicChangeDocument(
    string Name, string Change, int? PartitionCount = null, int? ReplicationFactor = null, string? TopicId = null, string? Error = null, string? Message = null,
    IReadOnlyList<string>? Changes = null);

internal sealed record ConfigDocument(string Type, string Name, IReadOnlyList<ConfigValueDocument> Configs);

internal sealed record ConfigValueDocument(string Name, string? Value, string Source, bool IsReadOnly, bool IsSensitive, string? Documentation);

internal sealed record OffsetDocument(
    string Topic, int Partition, long? Earliest = null, long? Latest = null, long? Offset = null, long? Timestamp = null, string? Error = null);

internal sealed record DeletedRecordsDocument(string Topic, int Partition, long LogStartOffset, string? Error);

internal sealed record AcceptedLossDocument(string Topic, int Partition, int Leader, int LeaderEpoch);

internal sealed record GroupDocument(
    string Group, string State, string? Protocol = null, string? Assignor = null, int? Coordinator = null, long? Lag = null,
    IReadOnlyList<GroupMemberDocument>? Members = null, IReadOnlyList<GroupPartitionDocument>? Partitions = null, string? Type = null);

internal sealed record GroupMemberDocument(
    string ConsumerId, string? InstanceId, string ClientId, string Host, IReadOnlyList<TopicPartitionDocument> Partitions);

internal sealed record GroupPartitionDocument(
    string Topic, int Partition, long? CurrentOffset, long? LogEndOffset, long? Lag, string? ConsumerId);

internal sealed record TopicPartitionDocument(string Topic, int Partition);

internal sealed record PlannedDocument(string Would);

internal sealed record DeletedGroupDocument(string Group, string? Error);

internal sealed record OffsetResetDocument(string Group, string Topic, int Partition, long? CurrentOffset, long NewOffset, bool Executed);

internal sealed record ClusterDocument(string ClusterId, int Controller, long? MetadataVersion, IReadOnlyList<BrokerDocument> Brokers);

internal sealed record BrokerDocument(int Id, string? Listener, string? Rack, string? SiloAddress, long? Epoch, bool IsFenced, bool IsController);

internal sealed record BrokerLoadDocument(
    int Broker, string State, bool IsController, string? Listener, string? Rack, int Leaders, int Replicas, int OutOfSync);

internal sealed record ClusterStatusDocument(
    long Timestamp, string ClusterId, int Controller, bool IsHealthy, int Topics, int PartitionCount, int Offline, int UnderReplicated, int UnderMinIsr,
    int AtMinIsr, int NotPreferredLeader, int ProblemCount, IReadOnlyList<PartitionProblemDocument> Problems, IReadOnlyList<BrokerLoadDocument> Brokers);

internal sealed record PartitionProblemDocument(
    string Topic, int Partition, IReadOnlyList<string> Problems, int Leader, int[] Replicas, int[] Isr, int[] EligibleLeaderReplicas, int[] OfflineReplicas,
    int? MinIsr);

internal sealed record UnreachableDocument(long Timestamp, string Error);

internal sealed record LogDirDocument(
    int Broker, string Path, string? DirectoryId, long? TotalBytes, long? UsableBytes, string? Error, IReadOnlyList<ReplicaDocument> Replicas);

internal sealed record ReplicaDocument(string Topic, int Partition, long SizeBytes, long? LogEndOffset);

internal sealed record ProducedDocument(
    string Topic, long Records, long Bytes, double Seconds, long Failed, IReadOnlyList<ProducedPartitionDocument> Partitions);

internal sealed record ProducedPartitionDocument(int Partition, long Records, long FirstOffset, long LastOffset);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TopicDocument))]
[JsonSerializable(typeof(IReadOnlyList<TopicDocument>))]
[JsonSerializable(typeof(IReadOnlyList<TopicChangeDocument>))]
[JsonSerializable(typeof(ConfigDocument))]
[JsonSerializable(typeof(IReadOnlyList<OffsetDocument>))]
[JsonSerializable(typeof(IReadOnlyList<DeletedRecordsDocument>))]
[JsonSerializable(typeof(AcceptedLossDocument))]
[JsonSerializable(typeof(IReadOnlyList<GroupDocument>))]
[JsonSerializable(typeof(IReadOnlyList<PlannedDocument>))]
[JsonSerializable(typeof(IReadOnlyList<DeletedGroupDocument>))]
[JsonSerializable(typeof(IReadOnlyList<OffsetResetDocument>))]
[JsonSerializable(typeof(IReadOnlyList<TopicPartitionDocument>))]
[JsonSerializable(typeof(ClusterDocument))]
[JsonSerializable(typeof(IReadOnlyList<BrokerLoadDocument>))]
[JsonSerializable(typeof(ClusterStatusDocument))]
[JsonSerializable(typeof(UnreachableDocument))]
[JsonSerializable(typeof(IReadOnlyList<LogDirDocument>))]
[JsonSerializable(typeof(ProducedDocument))]
internal sealed partial class DocumentContext : JsonSerializerContext;
