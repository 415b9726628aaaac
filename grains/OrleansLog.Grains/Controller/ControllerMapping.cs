using System.Collections.Immutable;
using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>Between what brokers send and what the state machine reads.</summary>
internal static class ControllerMapping
{
    public static RegisterBroker ToRequest(this BrokerRegistration registration, bool previousSiloIsDead) => new()
    {
        Id = registration.NodeId,
        IncarnationId = registration.IncarnationId,
        SiloAddress = registration.SiloAddress,
        ClusterId = registration.ClusterId,
        Endpoints = [.. registration.Endpoints.Select(endpoint => new EndpointImage(endpoint.Name, endpoint.Host, endpoint.Port, endpoint.Protocol))],
        Rack = registration.Rack,
        Directories = [.. registration.DirectoryIds],
        MayHaveLostUnsynced = registration.MayHaveLostUnsynced,
        MaxMetadataVersion = registration.MaxMetadataVersion,
        PreviousSiloIsDead = previousSiloIsDead,
    };

    public static BrokerAlive ToRequest(this BrokerHeartbeat heartbeat) => new()
    {
        Id = heartbeat.NodeId,
        BrokerEpoch = heartbeat.BrokerEpoch,
        AppliedVersion = heartbeat.AppliedVersion,
        WantsFence = heartbeat.WantsFence,
        WantsShutdown = heartbeat.WantsShutdown,
        OfflineDirectories = [.. heartbeat.OfflineDirectoryIds],
    };

    public static CandidateAlive ToRequest(this CandidateHeartbeat heartbeat, bool previousSiloIsDead) => new()
    {
        Id = heartbeat.NodeId,
        IncarnationId = heartbeat.IncarnationId,
        SiloAddress = heartbeat.SiloAddress,
        JoinedEpoch = heartbeat.JoinedEpoch,
        PreviousSiloIsDead = previousSiloIsDead,
    };

    public static CreateTopic[] ToRequest(this NewTopic[] topics) => [.. topics.Select(topic => new CreateTopic
    {
        Name = topic.Name,
        Partitions = topic.Partitions,
        ReplicationFactor = topic.ReplicationFactor,
        Configs = topic.Configs,
        Assignments = topic.Assignments,
    })];

    public static GrowTopic[] ToRequest(this NewPartitions[] topics) =>
        [.. topics.Select(topic => new GrowTopic(topic.Topic, topic.TotalCount, topic.Assignments))];

    public static AlterConfig[] ToRequest(this ConfigAlteration[] alterations) => [.. alterations.Select(alteration => new AlterConfig(
        ConfigDescriptions.OwnerOf(alteration.Resource),
        [.. alteration.Changes.Select(change => new EditConfig(change.Name, (ConfigEdit)change.Operation, change.Value))],
        alteration.ReplaceAll))];

    public static ReplicaDirectory[] ToRequest(this DirectoryAssignment[] assignments) =>
        [.. assignments.Select(assignment => new ReplicaDirectory(new TopicIdPartition(assignment.TopicId, assignment.Partition), assignment.DirectoryId))];

    public static TopicResult ToResult(this TopicAnswer answer) => new()
    {
        Name = answer.Name,
        Error = answer.Error,
        Message = answer.Message,
        TopicId = answer.Id,
        Partitions = answer.Partitions,
        ReplicationFactor = (short)answer.ReplicationFactor,
    };

    public static TopicResults ToResults(this TopicAnswer[] answers, long version) => new(version, [.. answers.Select(ToResult)]);

    public static ConfigAlterationResults ToResults(this ConfigAnswer[] answers, long version) => new(version, [.. answers.Select(answer =>
        new ConfigAlterationResult(new ConfigResource((ConfigResourceType)answer.Owner.Kind, answer.Owner.Name), answer.Error, answer.Message))]);

    public static TopicResults NotController(IEnumerable<string> names, string message) =>
        new(-1, [.. names.Select(name => new TopicResult { Name = name, Error = ErrorCode.NotController, Message = message })]);

    public static PartitionResults NotController(string message) => new(-1, []) { Error = ErrorCode.NotController, Message = message };

    public static ConfigAlterationResults NotController(ConfigAlteration[] alterations, string message) =>
        new(-1, [.. alterations.Select(alteration => new ConfigAlterationResult(alteration.Resource, ErrorCode.NotController, message))]);
}
