using OrleansLog.Core.Groups;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Groups.Exploration;

/// <summary>One group, its members, a network that delays, repeats and loses, and coordinators that crash; a seed decides everything.</summary>
internal sealed class GroupWorld
{
    public const int RebalanceTimeoutMs = 20_000;
    public const string Assignor = "cooperative-sticky";
    public static readonly Dictionary<string, int> Topics = new() { ["a"] = 4, ["b"] = 3 };

    private static readonly GroupSettings Settings = new() { InitialRebalanceDelayMs = 1_000, MinSessionTimeoutMs = 1_000 };
    private readonly GroupMutation _mutation;
    private readonly List<SimulatedMember> _members = [];
    private readonly List<GroupRequest> _requests = [];
    private readonly List<GroupRequest> _late = [];
    private readonly List<GroupReply> _replies = [];
    private readonly List<GroupRecord> _log = [];
    private readonly List<TopicPartitionName> _partitions = [];
    private SimulatedCoordinator _coordinator;
    private SimulatedCoordinator? _zombie;
    private long _lastNumber;
    private long _room;

    public GroupWorld(int seed, GroupMutation mutation)
    {
        Random = new Random(seed);
        _room = seed % 2 == 0 ? long.MaxValue : 1_500 + (seed * 211 % 2_500);
        _mutation = mutation;
        foreach (var (topic, count) in Topics)
            _partitions.AddRange(Enumerable.Range(0, count).Select(p => new TopicPartitionName(topic, p)));

        var cooperative = Random.Next(3);
        for (var i = 0; i < 4; i++)
            _members.Add(new(this, $"m{i}", Random.Next(3) == 0 ? $"static-{i}" : null, isCooperative: cooperative == 0 || (cooperative == 1 && i % 2 == 0)));

        _coordinator = Start();
    }

    public Random Random { get; }
    public long NowMs { get; private set; } = 1_000;
    public GroupHistory History { get; } = new();

    /// <summary>Joins and assignments for which there was no room.</summary>
    public int Refusals { get; private set; }

    /// <summary>Whether a group may hold as much for its members; half of the worlds are too narrow for all of them.</summary>
    public bool HasRoom(long bytes)
    {
        var hasRoom = bytes <= _room;
        Refusals += hasRoom ? 0 : 1;
        return hasRoom;
    }

    /// <summary>A number that was never used: an offset, a part of an id.</summary>
    public long NextNumber() => ++_lastNumber;

    /// <summary>Some commits take long: the connection stalls while the group moves on.</summary>
    public void Send(GroupRequest request) => (request.Commit is not null && Random.Next(4) == 0 ? _late : _requests).Add(request);

    /// <summary>One thing happens.</summary>
    public void Step()
    {
        switch (Random.Next(100))
        {
            case < 30:
                Pick(_members).Act();
                break;
            case < 55 when _requests.Count > 0:
                for (var i = 0; i < 2 && _requests.Count > 0; i++)
                    Deliver(Random.Next(_requests.Count), Random.Next(25) == 0, Random.Next(100) == 0);
                break;
            case < 72 when _replies.Count > 0:
                for (var i = 0; i < 2 && _replies.Count > 0; i++)
                    Reply(Random.Next(_replies.Count), isLost: Random.Next(100) == 0);
                break;
            case < 82:
                CoordinatorThatRuns().CompleteAppend(Outcome());
                break;
            case < 90:
                Pass(Random.Next(Random.Next(10) == 0 ? 15_000 : 800));
                break;
            case < 96:
                Pick(_members).Commit();
                break;
            case 96 when Random.Next(3) == 0:
                Fault();
                break;
            case 97 when _late.Count > 0:
                _requests.Add(_late[0]);
                _late.RemoveAt(0);
                break;
            default:
                Pass(100);
                break;
        }

        History.Check(_coordinator.State, _partitions);
        _coordinator.CheckMemberBytes();
        _zombie?.CheckMemberBytes();
    }

    /// <summary>Faults end; after a while everybody works, each partition has one owner, and every request was answered.</summary>
    public void Heal()
    {
        _zombie = null;
        _room = long.MaxValue;
        foreach (var member in _members)
            member.Wake();

        for (var i = 0; i < 800; i++)
        {
            foreach (var member in _members)
                member.Act();
            while (_requests.Count > 0)
                Deliver(0, isRepeated: false, isLost: false);
            while (_coordinator.CompleteAppend(AppendOutcome.Written))
            {
            }

            while (_replies.Count > 0)
                Reply(0, isLost: false);
            Pass(300);
        }

        Assert.Equal(GroupPhase.Stable, _coordinator.State.Phase);
        Assert.All(_members, m => Assert.True(m.Works && m.Generation == _coordinator.State.GenerationId));
        var owned = _members.SelectMany(m => m.Owned).Select(p => p.ToString()).Order().ToArray();
        Assert.Equal(string.Join(' ', _partitions.Select(p => p.ToString()).Order()), string.Join(' ', owned));
        _coordinator.Stop();
        History.Check(Start().State, _partitions);
    }

    private void Deliver(int index, bool isRepeated, bool isLost)
    {
        var request = _requests[index];
        if (!isRepeated)
            _requests.RemoveAt(index);
        if (!isLost)
            CoordinatorThatRuns().Take(request with { Answered = 0, NewestToldWhenTaken = History.NewestTold });
    }

    private void Reply(int index, bool isLost)
    {
        var reply = _replies[index];
        _replies.RemoveAt(index);
        if (!isLost)
            reply.Request.Member.Receive(reply);
    }

    private AppendOutcome Outcome() => Random.Next(12) switch { 0 => AppendOutcome.Refused, 1 => AppendOutcome.WrittenButFailed, _ => AppendOutcome.Written };

    private void Pass(int milliseconds)
    {
        NowMs += milliseconds;
        _coordinator.Tick();
        _zombie?.Tick();
    }

    private void Fault()
    {
        var member = Pick(_members);
        switch (Random.Next(8))
        {
            case 0 or 1:
                member.Crash(Random.Next(25_000));
                break;
            case 2:
                member.Pause(Random.Next(60_000));
                break;
            case 3:
                member.Leave();
                break;
            case 4 or 5:
                member.Rejoin();
                break;
            case 6:
                _coordinator.Crash(Random.Next(4));
                _zombie = null;
                _coordinator = Start();
                break;
            default:
                // Leadership moves, and the old coordinator does not know it yet.
                _zombie = _coordinator;
                _zombie.IsFenced = _mutation != GroupMutation.TwoLeaders;
                _coordinator = Start();
                break;
        }
    }

    private SimulatedCoordinator CoordinatorThatRuns() => _zombie is not null && Random.Next(3) == 0 ? _zombie : _coordinator;

    private SimulatedCoordinator Start() => new(this, _mutation, Settings, _log, _replies);

    private T Pick<T>(List<T> from) => from[Random.Next(from.Count)];
}
