using OrleansLog.Core.Groups.Assignors;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Core.Groups;

/// <content>What tools see, and what is written.</content>
public sealed partial class GroupState<TTicket>
{
    private HashSet<string>? _subscribedTopics;

    /// <summary>The group as DescribeGroups shows it.</summary>
    public GroupView Describe()
    {
        if (Phase == GroupPhase.Dead || IsUnknown)
            return new GroupView { Error = ErrorCode.GroupIdNotFound, Phase = GroupPhase.Dead };

        var isStable = Phase == GroupPhase.Stable;
        var members = new GroupMemberView[_members.Count];
        var i = 0;
        foreach (var member in _members.All)
        {
            members[i++] = new GroupMemberView
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.GroupInstanceId,
                ClientId = member.ClientId,
                ClientHost = member.ClientHost,
                Metadata = isStable ? member.MetadataOf(ProtocolName) : default,
                Assignment = isStable ? member.Assignment : default(ReadOnlyMemory<byte>),
            };
        }

        return new GroupView
        {
            Phase = Phase,
            ProtocolType = ProtocolType ?? "",
            ProtocolName = isStable ? ProtocolName ?? "" : "",
            Members = members,
        };
    }

    /// <summary>Topics that some member subscribes to by the chosen protocol, for <see cref="SyncCall.PartitionCounts"/>; empty where that cannot be read.</summary>
    public IReadOnlyCollection<string> AssignableTopics => _subscribedTopics ?? (IReadOnlyCollection<string>)[];

    /// <summary>An unreadable subscription of a consumer group counts as a subscription to everything.</summary>
    private bool IsSubscribedTo(string topic) => _subscribedTopics?.Contains(topic) ?? IsConsumerGroup;

    /// <summary>Null where it cannot be known: no consumers, or metadata that is not theirs.</summary>
    private HashSet<string>? SubscribedTopicsOf()
    {
        if (!IsConsumerGroup)
            return null;

        var topics = new HashSet<string>();
        foreach (var member in _members.All)
        {
            if (ProtocolName is null || !MemberSubscription.TryReadTopics(member.MetadataOf(ProtocolName).Span, topics))
                return null;
        }

        return topics;
    }

    /// <summary>Runs the assignor that the group chose, for a leader that leaves it to the coordinator.</summary>
    private bool TryAssign(IReadOnlyDictionary<string, int>? partitionCounts, Dictionary<string, byte[]> assignments)
    {
        if (partitionCounts is null || !IsConsumerGroup || _topicsLackRoom || PartitionAssignor.Find(ProtocolName) is not { } assignor)
            return false;

        var subscriptions = new List<MemberSubscription>(_members.Count);
        foreach (var member in _members.All)
        {
            if (MemberSubscription.TryRead(member.MemberId, member.GroupInstanceId, member.MetadataOf(ProtocolName).Span) is not { } subscription)
                return false;

            subscriptions.Add(subscription);
        }

        foreach (var (memberId, partitions) in assignor.Assign(subscriptions, partitionCounts))
            assignments[memberId] = ConsumerAssignment.Write(partitions);

        return true;
    }

    private Dictionary<string, byte[]> CurrentAssignments => _members.All.ToDictionary(m => m.MemberId, m => m.Assignment);

    /// <summary>The group's record with these assignments.</summary>
    private GroupRecord MetadataRecord(Dictionary<string, byte[]>? assignments)
    {
        _hasRecord = true;
        var value = new GroupMetadataValue
        {
            ProtocolType = ProtocolType ?? "",
            Generation = GenerationId,
            Protocol = ProtocolName,
            Leader = LeaderId.Length == 0 ? null : LeaderId,
            CurrentStateTimestamp = PhaseSinceUnixMs,
        };
        foreach (var member in _members.All)
        {
            value.Members.Add(new()
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.GroupInstanceId,
                ClientId = member.ClientId,
                ClientHost = member.ClientHost,
                RebalanceTimeout = member.RebalanceTimeoutMs,
                SessionTimeout = member.SessionTimeoutMs,
                Subscription = member.MetadataOf(ProtocolName),
                Assignment = assignments?.GetValueOrDefault(member.MemberId) ?? [],
            });
        }

        return GroupMetadataRecords.Record(GroupId, value);
    }
}
