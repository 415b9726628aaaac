using OrleansLog.Protocol;

namespace OrleansLog.Client.Tests;

/// <summary>
/// A coordinator in memory on the test's clock: the classic protocol as far as a client sees it, with answers that a test can forge.
/// Real rules live in Core; this one is as small as a member's tests allow.
/// </summary>
internal sealed partial class FakeCoordinator : IGroupTransport, IDisposable
{
    private readonly FakeCluster _cluster;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FakeGroup> _groups = [];
    private readonly List<CommitOffsetsCall> _commits = [];
    private readonly List<LeaveGroupCall> _leaves = [];
    private readonly ITimer _timer;
    private int _lastMember;

    public FakeCoordinator(FakeCluster cluster, TimeProvider time)
    {
        _cluster = cluster;
        _time = time;
        _timer = time.CreateTimer(_ => Expire(), null, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20));
    }

    /// <summary>What a request hears instead of the truth; null lets it through.</summary>
    public Func<object, ErrorCode?> OnCall { get; set; } = static _ => null;

    public List<CommitOffsetsCall> Commits
    {
        get
        {
            lock (_gate)
                return [.. _commits];
        }
    }

    public List<LeaveGroupCall> Leaves
    {
        get
        {
            lock (_gate)
                return [.. _leaves];
        }
    }

    public FakeGroup this[string group]
    {
        get
        {
            lock (_gate)
                return _groups.TryGetValue(group, out var found) ? found : _groups[group] = new FakeGroup();
        }
    }

    /// <summary>What is committed, or -1.</summary>
    public long Committed(string group, TopicPartition partition)
    {
        lock (_gate)
            return _groups.TryGetValue(group, out var found) && found.Offsets.TryGetValue(partition, out var offset) ? offset.Offset : -1;
    }

    /// <summary>Partitions of each member.</summary>
    public List<TopicPartition[]> Assignments(string group)
    {
        lock (_gate)
            return [.. this[group].Members.Values.Select(static member => member.Assigned)];
    }

    /// <summary>True when the group is settled, with so many members.</summary>
    public bool IsStable(string group, int members)
    {
        lock (_gate)
            return this[group] is { State: FakeState.Stable } stable && stable.Members.Count == members;
    }

    /// <summary>The group forgets a member without a word.</summary>
    public void Expel(string memberId)
    {
        lock (_gate)
        {
            foreach (var group in _groups.Values.Where(group => group.Members.Remove(memberId)))
                Prepare(group);
        }
    }

    public ValueTask<JoinGroupResult> JoinAsync(JoinGroupCall call, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (OnCall(call) is { } forged)
                return new(JoinGroupResult.Failure(forged, call.MemberId));
            return new(this[call.GroupId].Join(this, call).WaitAsync(cancellationToken));
        }
    }

    public ValueTask<SyncGroupResult> SyncAsync(SyncGroupCall call, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (OnCall(call) is { } forged)
                return new(SyncGroupResult.Failure(forged));
            var group = this[call.GroupId];
            if (Check(group, call.MemberId, call.GenerationId) is var error and not ErrorCode.None)
                return new(SyncGroupResult.Failure(error));
            if (group.State == FakeState.Preparing)
                return new(SyncGroupResult.Failure(ErrorCode.RebalanceInProgress));
            var member = group.Members[call.MemberId];
            member.LastSeen = _time.GetTimestamp();
            if (group.State == FakeState.Completing && call.MemberId == group.Leader)
            {
                Assert.True(call.ServerAssignor);
                group.Assign(_cluster);
                foreach (var waiting in group.Members.Values)
                    waiting.Answer();
            }

            return new(group.State == FakeState.Stable ? Task.FromResult(member.Result()) : member.WaitForSync().WaitAsync(cancellationToken));
        }
    }

    public ValueTask<ErrorCode> HeartbeatAsync(HeartbeatCall call, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (OnCall(call) is { } forged)
                return new(forged);
            var group = this[call.GroupId];
            var error = Check(group, call.MemberId, call.GenerationId);
            if (error == ErrorCode.None)
                group.Members[call.MemberId].LastSeen = _time.GetTimestamp();
            return new(error == ErrorCode.None && group.State != FakeState.Stable ? ErrorCode.RebalanceInProgress : error);
        }
    }

    public ValueTask<LeaveGroupResult> LeaveAsync(LeaveGroupCall call, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _leaves.Add(call);
            var group = this[call.GroupId];
            ErrorCode[] errors = [.. call.Members.Select(member => group.Members.Remove(member.MemberId) ? ErrorCode.None : ErrorCode.UnknownMemberId)];
            Prepare(group);
            return new(new LeaveGroupResult(ErrorCode.None, errors));
        }
    }

    public ValueTask<CommitOffsetsResult> CommitAsync(CommitOffsetsCall call, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _commits.Add(call);
            if (OnCall(call) is { } forged)
                return new(CommitOffsetsResult.Failure(forged, call.Offsets.Length));
            var group = this[call.GroupId];
            var error = call.GenerationId < 0
                ? group.Members.Count > 0 ? ErrorCode.UnknownMemberId : ErrorCode.None
                : Check(group, call.MemberId, call.GenerationId);
            if (error == ErrorCode.None && group.State == FakeState.Completing)
                error = ErrorCode.RebalanceInProgress;
            if (error == ErrorCode.None)
            {
                foreach (var offset in call.Offsets)
                    group.Offsets[offset.Partition] = offset;
            }

            return new(CommitOffsetsResult.Failure(error, call.Offsets.Length));
        }
    }

    public ValueTask<FetchOffsetsResult> FetchOffsetsAsync(FetchOffsetsCall call, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (OnCall(call) is { } forged)
                return new(FetchOffsetsResult.Failure(forged));
            var offsets = this[call.GroupId].Offsets;
            return new(new FetchOffsetsResult(ErrorCode.None, Array.ConvertAll(
                call.Partitions ?? [.. offsets.Keys.OrderBy(static key => key.Topic).ThenBy(static key => key.Partition)],
                partition => offsets.TryGetValue(partition, out var offset)
                    ? new CommittedOffset { Partition = partition, Offset = offset.Offset, LeaderEpoch = offset.LeaderEpoch, Metadata = offset.Metadata }
                    : new CommittedOffset { Partition = partition, Offset = -1, LeaderEpoch = -1 })));
        }
    }

    public void Dispose() => _timer.Dispose();

    private static ErrorCode Check(FakeGroup group, string memberId, int generation) =>
        !group.Members.ContainsKey(memberId) ? ErrorCode.UnknownMemberId
        : generation != group.Generation ? ErrorCode.IllegalGeneration : ErrorCode.None;

    private void Prepare(FakeGroup group)
    {
        group.Prepare(_time.GetTimestamp());
        group.CompleteIfAllAreThere();
    }

    private void Expire()
    {
        lock (_gate)
        {
            foreach (var group in _groups.Values)
            {
                FakeMember[] dead = [.. group.Members.Values.Where(member => !member.IsJoining && IsOver(member.LastSeen, member.SessionMs))];
                foreach (var member in dead)
                    group.Members.Remove(member.Id);
                if (dead.Length > 0)
                    Prepare(group);
                if (group.State == FakeState.Preparing && IsOver(group.PreparingSince, group.Members.Values.Select(static member => member.RebalanceMs).DefaultIfEmpty().Max()))
                {
                    foreach (var late in group.Members.Values.Where(static member => !member.IsJoining).ToArray())
                        group.Members.Remove(late.Id);
                    group.CompleteIfAllAreThere();
                }
            }
        }
    }

    private bool IsOver(long since, int limitMs) => _time.GetElapsedTime(since).TotalMilliseconds > limitMs;
}
