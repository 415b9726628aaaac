using OrleansLog.Core.Controller;
using OrleansLog.Core.Groups;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Coordinators;

/// <summary>Calls and results as they travel, and as the rules have them.</summary>
internal static class GroupMapping
{
    public static JoinCall ToCore(JoinGroupCall call) => new()
    {
        MemberId = call.MemberId,
        GroupInstanceId = call.GroupInstanceId,
        NewMemberId = GroupMemberId.Create(call.ClientId, call.GroupInstanceId, Guid.NewGuid()),
        ClientId = call.ClientId,
        ClientHost = call.ClientHost,
        SessionTimeoutMs = call.SessionTimeoutMs,
        RebalanceTimeoutMs = call.RebalanceTimeoutMs,
        ProtocolType = call.ProtocolType,
        Protocols = Array.ConvertAll(call.Protocols, static protocol => new JoinProtocol(protocol.Name, protocol.Metadata)),
        RequireKnownMemberId = call.RequireKnownMemberId,
        SupportsSkippingAssignment = call.SupportsSkippingAssignment,
        Reason = call.Reason,
    };

    public static JoinGroupResult ToResult(JoinAnswer answer) => new()
    {
        Error = answer.Error,
        MemberId = answer.MemberId,
        GenerationId = answer.GenerationId,
        ProtocolType = answer.ProtocolType,
        ProtocolName = answer.ProtocolName,
        Leader = answer.Leader,
        SkipAssignment = answer.SkipAssignment,
        Members = [.. answer.Members.Select(static member => new JoinedMember(member.MemberId, member.GroupInstanceId, member.Metadata))],
    };

    public static SyncCall ToCore(SyncGroupCall call) => new()
    {
        MemberId = call.MemberId,
        GroupInstanceId = call.GroupInstanceId,
        GenerationId = call.GenerationId,
        ProtocolType = call.ProtocolType,
        ProtocolName = call.ProtocolName,
        Assignments = Array.ConvertAll(call.Assignments, static share => new AssignmentFor(share.MemberId, share.Assignment)),
        ServerAssignor = call.ServerAssignor,
    };

    public static SyncGroupResult ToResult(SyncAnswer answer) => new()
    {
        Error = answer.Error,
        ProtocolType = answer.ProtocolType,
        ProtocolName = answer.ProtocolName,
        Assignment = answer.Assignment,
    };

    public static LeaveCall ToCore(LeaveGroupCall call) => new()
    {
        Members = Array.ConvertAll(call.Members, static member => new MemberToLeave(member.MemberId, member.GroupInstanceId)),
    };

    public static OffsetOffer ToCore(in OffsetToCommit offset, Guid topicId) => new()
    {
        Topic = offset.Partition.Topic,
        Partition = offset.Partition.Partition,
        TopicId = Uuid.FromGuid(topicId),
        Offset = offset.Offset,
        LeaderEpoch = offset.LeaderEpoch,
        Metadata = offset.Metadata,
    };

    /// <summary>Partitions of each topic that exists.</summary>
    public static Dictionary<string, int> PartitionCounts(IReadOnlyCollection<string> topics, MetadataImage image)
    {
        var counts = new Dictionary<string, int>(topics.Count, StringComparer.Ordinal);
        foreach (var name in topics)
        {
            if (image.FindTopic(name) is { } topic)
                counts[name] = topic.Partitions.Length;
        }

        return counts;
    }

    public static GroupDescription ToDescription(string groupId, GroupView view, int coordinatorId) => new()
    {
        Error = view.Error,
        Message = view.Error == ErrorCode.GroupIdNotFound ? $"There is no group {groupId}." : null,
        GroupId = groupId,
        State = view.Phase.ToString(),
        ProtocolType = view.ProtocolType,
        ProtocolName = view.ProtocolName,
        CoordinatorId = coordinatorId,
        Members = [.. view.Members.Select(static member => new GroupMemberDescription
        {
            MemberId = member.MemberId,
            GroupInstanceId = member.GroupInstanceId,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            Metadata = member.Metadata,
            Assignment = member.Assignment,
        })],
    };
}
