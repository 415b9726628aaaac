using System.Buffers.Binary;
using System.Text;
using OrleansLog.Protocol;

namespace OrleansLog.Client.Tests;

internal enum FakeState
{
    Empty,
    Preparing,
    Completing,
    Stable,
}

/// <summary>A group of <see cref="FakeCoordinator"/>, under its lock.</summary>
internal sealed class FakeGroup
{
    private readonly HashSet<string> _promised = [];
    private long _now;

    public FakeState State { get; private set; }

    public int Generation { get; private set; }

    public string Leader { get; private set; } = "";

    public string Protocol { get; private set; } = "";

    public long PreparingSince { get; private set; }

    public SortedDictionary<string, FakeMember> Members { get; } = new(StringComparer.Ordinal);

    public Dictionary<TopicPartition, OffsetToCommit> Offsets { get; } = [];

    public Task<JoinGroupResult> Join(FakeCoordinator coordinator, JoinGroupCall call)
    {
        _now = coordinator.Now();
        var id = call.MemberId;
        var former = call.GroupInstanceId is null ? null : Members.Values.FirstOrDefault(member => member.InstanceId == call.GroupInstanceId);
        if (former is not null && id.Length == 0)
        {
            // A static member that is back takes its own place.
            Members.Remove(former.Id);
            var fresh = former.RenamedTo(coordinator.NextMemberId(call.ClientId), _now);
            Members.Add(fresh.Id, fresh);
            Leader = Leader == former.Id ? fresh.Id : Leader;
            if (State == FakeState.Stable)
                return Task.FromResult(Joined(fresh, canSkip: true));
            id = fresh.Id;
        }

        if (id.Length == 0)
        {
            id = coordinator.NextMemberId(call.ClientId);
            _promised.Add(id);
            if (call.RequireKnownMemberId)
                return Task.FromResult(JoinGroupResult.Failure(ErrorCode.MemberIdRequired, id));
        }

        if (!Members.TryGetValue(id, out var member))
        {
            if (!_promised.Remove(id))
                return Task.FromResult(JoinGroupResult.Failure(ErrorCode.UnknownMemberId, id));
            Members.Add(id, member = new FakeMember(id, call.GroupInstanceId, call.SessionTimeoutMs, call.RebalanceTimeoutMs));
        }
        else if (State == FakeState.Stable && id != Leader && member.Protocols.SequenceEqual(call.Protocols, FakeMember.SameProtocol))
        {
            return Task.FromResult(Joined(member, canSkip: false));
        }

        member.Protocols = call.Protocols;
        member.LastSeen = _now;
        var answer = member.WaitForJoin();
        Prepare(_now);
        CompleteIfAllAreThere();
        return answer;
    }

    public void Prepare(long now)
    {
        if (State != FakeState.Preparing)
            PreparingSince = now;
        _now = now;
        State = Members.Count == 0 ? FakeState.Empty : FakeState.Preparing;
        foreach (var member in Members.Values)
            member.FailSync();
    }

    public void CompleteIfAllAreThere()
    {
        if (State != FakeState.Preparing || Members.Values.Any(static member => !member.IsJoining))
            return;
        Generation++;
        if (Members.Count == 0)
        {
            State = FakeState.Empty;
            return;
        }

        State = FakeState.Completing;
        Leader = Members.ContainsKey(Leader) ? Leader : Members.Keys.First();
        Protocol = Members.Values.First().Protocols.First(protocol => Members.Values.All(member => member.Protocols.Any(other => other.Name == protocol.Name))).Name;
        foreach (var member in Members.Values)
        {
            member.LastSeen = _now;
            member.AnswerJoin(Joined(member, canSkip: false));
        }
    }

    // Even shares; members keep what they have, as far as the shares allow, and a cooperative one gets nothing that another still has.
    public void Assign(FakeCluster cluster)
    {
        var wanted = Members.Values.ToDictionary(static member => member.Id, member => Topics(member).SelectMany(cluster.PartitionsOf).ToHashSet());
        var all = wanted.Values.SelectMany(static partitions => partitions).Distinct().OrderBy(static p => p.Topic, StringComparer.Ordinal).ThenBy(static p => p.Partition).ToArray();
        var before = Members.Values.SelectMany(static member => member.Assigned.Select(partition => (partition, member.Id))).ToDictionary();
        var shares = Members.Keys.ToDictionary(static id => id, static _ => new List<TopicPartition>());
        var most = (all.Length + Members.Count - 1) / Members.Count;
        var isSticky = Protocol.EndsWith("sticky", StringComparison.Ordinal);
        foreach (var partition in isSticky ? all.Where(before.ContainsKey) : [])
        {
            if (shares.TryGetValue(before[partition], out var share) && share.Count < most && wanted[before[partition]].Contains(partition))
                share.Add(partition);
        }

        var placed = shares.Values.SelectMany(static share => share).ToHashSet();
        foreach (var partition in all.Where(partition => !placed.Contains(partition)))
            shares.Where(share => wanted[share.Key].Contains(partition)).MinBy(static share => share.Value.Count).Value.Add(partition);
        var isCooperative = Protocol == "cooperative-sticky";
        foreach (var (id, member) in Members)
        {
            member.Assigned = [.. shares[id].Where(partition =>
                !isCooperative || !before.TryGetValue(partition, out var owner) || owner == id || !Members.ContainsKey(owner))];
        }

        State = FakeState.Stable;
    }

    private IReadOnlyList<string> Topics(FakeMember member) =>
        ConsumerProtocol.TryReadTopics(member.Protocols.First(protocol => protocol.Name == Protocol).Metadata);

    private JoinGroupResult Joined(FakeMember member, bool canSkip) => new()
    {
        GenerationId = Generation,
        ProtocolType = "consumer",
        ProtocolName = Protocol,
        Leader = Leader,
        MemberId = member.Id,
        SkipAssignment = canSkip && member.Id == Leader,
        Members = member.Id != Leader ? [] : [.. Members.Values.Select(other =>
            new JoinedMember(other.Id, other.InstanceId, other.Protocols.First(protocol => protocol.Name == Protocol).Metadata))],
    };
}

internal sealed class FakeMember(string id, string? instanceId, int sessionMs, int rebalanceMs)
{
    private TaskCompletionSource<JoinGroupResult>? _join;
    private TaskCompletionSource<SyncGroupResult>? _sync;

    public static IEqualityComparer<GroupProtocol> SameProtocol { get; } = EqualityComparer<GroupProtocol>.Create(
        static (a, b) => a.Name == b.Name && a.Metadata.Span.SequenceEqual(b.Metadata.Span), static protocol => protocol.Name.GetHashCode(StringComparison.Ordinal));

    public string Id => id;

    public string? InstanceId => instanceId;

    public int SessionMs => sessionMs;

    public int RebalanceMs => rebalanceMs;

    public long LastSeen { get; set; }

    public GroupProtocol[] Protocols { get; set; } = [];

    public TopicPartition[] Assigned { get; set; } = [];

    public bool IsJoining => _join is not null;

    public FakeMember RenamedTo(string newId, long now) =>
        new(newId, instanceId, sessionMs, rebalanceMs) { Protocols = Protocols, Assigned = Assigned, LastSeen = now };

    public Task<JoinGroupResult> WaitForJoin() => (_join = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public Task<SyncGroupResult> WaitForSync() => (_sync = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void AnswerJoin(JoinGroupResult result)
    {
        _join?.SetResult(result);
        _join = null;
    }

    public void Answer()
    {
        _sync?.SetResult(Result());
        _sync = null;
    }

    public void FailSync()
    {
        _sync?.SetResult(SyncGroupResult.Failure(ErrorCode.RebalanceInProgress));
        _sync = null;
    }

    public SyncGroupResult Result() => new() { Assignment = Encode(Assigned) };

    private static byte[] Encode(TopicPartition[] partitions)
    {
        using var bytes = new MemoryStream();
        Write16(0);
        var topics = partitions.GroupBy(static partition => partition.Topic).ToArray();
        Write32(topics.Length);
        foreach (var topic in topics)
        {
            var name = Encoding.UTF8.GetBytes(topic.Key);
            Write16((short)name.Length);
            bytes.Write(name);
            Write32(topic.Count());
            foreach (var partition in topic)
                Write32(partition.Partition);
        }

        Write32(-1);
        return bytes.ToArray();

        void Write16(short value)
        {
            Span<byte> span = stackalloc byte[2];
            BinaryPrimitives.WriteInt16BigEndian(span, value);
            bytes.Write(span);
        }

        void Write32(int value)
        {
            Span<byte> span = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(span, value);
            bytes.Write(span);
        }
    }
}
