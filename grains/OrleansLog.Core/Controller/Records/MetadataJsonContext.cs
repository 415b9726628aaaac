using System.Text.Json.Serialization;

namespace OrleansLog.Core.Controller;

/// <summary>The metadata records' JSON form: readable in the database by eye, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 8)]
[JsonSerializable(typeof(ControllerEpochRecord))]
[JsonSerializable(typeof(ClusterRecord))]
[JsonSerializable(typeof(ClusterSecretRecord))]
[JsonSerializable(typeof(FeatureLevelRecord))]
[JsonSerializable(typeof(ConfigRecord))]
[JsonSerializable(typeof(ProducerIdsRecord))]
[JsonSerializable(typeof(BrokerRecord))]
[JsonSerializable(typeof(BrokerChangeRecord))]
[JsonSerializable(typeof(BrokerRemovedRecord))]
[JsonSerializable(typeof(TopicRecord))]
[JsonSerializable(typeof(TopicRemovedRecord))]
[JsonSerializable(typeof(PartitionRecord))]
[JsonSerializable(typeof(PartitionChangeRecord))]
internal sealed partial class MetadataJsonContext : JsonSerializerContext;
