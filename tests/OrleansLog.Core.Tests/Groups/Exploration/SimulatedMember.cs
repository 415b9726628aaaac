using OrleansLog.Core.Groups;
using OrleansLog.Core.Groups.Assignors;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Groups.Exploration;

/// <summary>A consumer: joins, syncs, works, and does what the errors tell it. One request at a time, as clients do, besides heartbeats and commits.</summary>
internal sealed class SimulatedMember(GroupWorld world, string name, string? instance, bool isCooperative)
{
    private const long RequestTimeoutMs = 30_000;
    private const long HeartbeatMs = 3_000;

    private readonly HashSet<TopicPartitionName> _owned = [];
    private string _memberId = "";
    private bool _mustJoin = true;
    private int _number;
    private int _awaited;
    private long _awaitedSinceMs;
    private long _lastHeartbeatMs;
    private long _silentUntilMs;

    public int Generation { get; private set; } = -1;
    public bool Works => !_mustJoin && _awaited == 0 && Generation >= 0;
    public IReadOnlyCollection<TopicPartitionName> Owned => _owned;

    /// <summary>The process dies and starts again after a while; a static one under its instance id.</summary>
    public void Crash(long awayMs)
    {
        Forget();
        _silentUntilMs = world.NowMs + awayMs;
    }

    public void Pause(long awayMs) => _silentUntilMs = world.NowMs + awayMs;

    public void Wake() => _silentUntilMs = 0;

    public void Rejoin() => _mustJoin = true;

    public void Leave()
    {
        if (_memberId.Length == 0)
            return;

        world.Send(new GroupRequest(this, ++_number) { Leave = new() { Members = [new(_memberId, instance)] } });
        Forget();
        _silentUntilMs = world.NowMs + 5_000;
    }

    public void Act()
    {
        if (world.NowMs < _silentUntilMs)
            return;

        if (_awaited != 0 && world.NowMs - _awaitedSinceMs > RequestTimeoutMs + GroupWorld.RebalanceTimeoutMs)
        {
            _awaited = 0; // the answer is lost: ask again
            _mustJoin = true;
        }

        if (_awaited == 0 && _mustJoin)
            SendJoin();
        else if (Generation >= 0 && !_mustJoin && world.NowMs - _lastHeartbeatMs >= HeartbeatMs)
            SendHeartbeat();
    }

    public void Commit()
    {
        if (world.NowMs < _silentUntilMs || Generation < 0 || _owned.Count == 0)
            return;

        var partition = _owned.ElementAt(world.Random.Next(_owned.Count));
        world.Send(new GroupRequest(this, ++_number)
        {
            Commit = new CommitCall
            {
                MemberId = _memberId,
                GroupInstanceId = instance,
                GenerationId = Generation,
                Offsets = [new() { Topic = partition.Topic, Partition = partition.Partition, Offset = world.NextNumber(), LeaderEpoch = 0 }],
            },
        });
    }

    public void Receive(GroupReply reply)
    {
        if (world.NowMs < _silentUntilMs)
            return; // it sleeps, and the answer waits in a buffer that nobody will read in time

        if (reply.Answer is JoinAnswer or SyncAnswer)
        {
            if (reply.Request.Number != _awaited)
                return; // an answer of before a crash or a timeout

            _awaited = 0;
        }

        switch (reply.Answer)
        {
            case { Error: not ErrorCode.None }:
                Failed(reply);
                break;
            case JoinAnswer join:
                Joined(join);
                break;
            case SyncAnswer sync:
                Synced(reply.Request.Sync!.GenerationId, sync);
                break;
        }
    }

    private void Failed(GroupReply reply)
    {
        switch (reply.Answer.Error)
        {
            case ErrorCode.MemberIdRequired:
                _memberId = ((JoinAnswer)reply.Answer).MemberId;
                _mustJoin = true;
                break;
            case ErrorCode.RebalanceInProgress:
                _mustJoin = true;
                break;
            case ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId or ErrorCode.IllegalGeneration when IsOfMine(reply.Request):
                Forget();
                break;
            default:
                _mustJoin |= reply.Answer is JoinAnswer or SyncAnswer;
                break;
        }
    }

    /// <summary>An error about an id that this process has no more says nothing about it.</summary>
    private bool IsOfMine(GroupRequest request) => request switch
    {
        { Join: { } join } => join.MemberId == _memberId,
        { Sync: { } sync } => sync.MemberId == _memberId,
        { Heartbeat: { } beat } => beat.MemberId == _memberId && beat.Generation == Generation,
        { Commit: { } commit } => commit.MemberId == _memberId && commit.GenerationId == Generation,
        _ => false,
    };

    private void SendJoin()
    {
        if (!isCooperative)
            _owned.Clear(); // eager: everything is given back before a rebalance (KIP-429)

        var metadata = GroupFixture.Subscription([.. GroupWorld.Topics.Keys], [.. _owned]);
        Await(new GroupRequest(this, ++_number)
        {
            Join = new JoinCall
            {
                MemberId = _memberId,
                GroupInstanceId = instance,
                NewMemberId = "",
                ClientId = name,
                SessionTimeoutMs = 10_000,
                RebalanceTimeoutMs = GroupWorld.RebalanceTimeoutMs,
                ProtocolType = "consumer",
                Protocols = [new(GroupWorld.Assignor, metadata)],
                RequireKnownMemberId = instance is null && world.Random.Next(2) == 0,
                SupportsSkippingAssignment = true,
            },
        });
        _mustJoin = false;
        Generation = -1;
    }

    private void Joined(JoinAnswer answer)
    {
        _memberId = answer.MemberId;
        _lastHeartbeatMs = world.NowMs;
        Generation = answer.GenerationId;
        var leads = answer.Leader == _memberId && !answer.SkipAssignment;
        var byServer = leads && world.Random.Next(2) == 0;
        Await(new GroupRequest(this, ++_number)
        {
            Sync = new SyncCall
            {
                MemberId = _memberId,
                GroupInstanceId = instance,
                GenerationId = answer.GenerationId,
                ServerAssignor = byServer,
                PartitionCounts = byServer ? GroupWorld.Topics : null,
                Assignments = leads && !byServer ? Assign(answer.Members) : [],
            },
        });
    }

    private void Synced(int generation, SyncAnswer answer)
    {
        Generation = generation;
        var assigned = ConsumerAssignment.TryRead(answer.Assignment.Span)!.ToHashSet();
        var mustGiveBack = isCooperative && _owned.Any(partition => !assigned.Contains(partition));
        _owned.Clear();
        _owned.UnionWith(assigned);
        _mustJoin |= mustGiveBack; // so that the next round can hand it over
    }

    private static AssignmentFor[] Assign(IReadOnlyList<GenerationMember> members)
    {
        var subscriptions = members.Select(m => MemberSubscription.TryRead(m.MemberId, m.GroupInstanceId, m.Metadata.Span)!).ToList();
        var shares = PartitionAssignor.Find(GroupWorld.Assignor)!.Assign(subscriptions, GroupWorld.Topics);
        return [.. shares.Select(share => new AssignmentFor(share.Key, ConsumerAssignment.Write(share.Value)))];
    }

    private void SendHeartbeat()
    {
        _lastHeartbeatMs = world.NowMs;
        world.Send(new GroupRequest(this, ++_number) { Heartbeat = (_memberId, instance, Generation) });
    }

    private void Await(GroupRequest request)
    {
        _awaited = request.Number;
        _awaitedSinceMs = world.NowMs;
        world.Send(request);
    }

    private void Forget()
    {
        _memberId = "";
        Generation = -1;
        _awaited = 0;
        _mustJoin = true;
        _owned.Clear();
    }
}
