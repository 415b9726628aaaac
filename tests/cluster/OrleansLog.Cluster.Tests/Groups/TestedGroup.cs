using System.Globalization;
using Confluent.Kafka;
using OrleansLog.Cluster.Member;

namespace OrleansLog.Cluster.Tests.Groups;

/// <summary>One consumer group to which things happen: members join, leave, die, fall silent, and take each other's place.</summary>
internal sealed class TestedGroup(string name, GroupKind kind, string bootstrapServers, GroupWorkload workload, Random random)
    : IAsyncDisposable
{
    private const int MostMembers = 5;

    private readonly List<IRunningMember> _all = [];
    private readonly List<IRunningMember> _members = [];
    private readonly CommitObserver _observer = new(bootstrapServers, name, workload);
    private IRunningMember? _stalled;

    public string Name => name;

    public CommitObserver Observer => _observer;

    /// <summary>What was done, in order.</summary>
    public List<string> Story { get; } = [];

    public IEnumerable<string> Complaints => _all.SelectMany(member => member.Complaints);

    public IEnumerable<GroupEvent> Events => _all.SelectMany(member => member.Events).Concat(_observer.Events);

    /// <summary>A static member, one more in this process and one in its own.</summary>
    public void Begin()
    {
        Join(inProcess: true, instanceId: $"{name}-static");
        Join(inProcess: true);
        Join(inProcess: false);
    }

    /// <summary>One change of membership, chosen by the seed.</summary>
    public void Disturb()
    {
        Wake();
        switch (random.Next(7))
        {
            case 0 when _members.Count < MostMembers:
                Join(inProcess: true);
                break;
            case 1 or 0:
                Go("leaves", member => member.Leave());
                break;
            case 2 or 3:
                Go("dies", member => member.Die());
                break;
            case 4:
                Stall();
                break;
            case 5:
                ReplaceStatic();
                break;
            default:
                Join(inProcess: false);
                break;
        }
    }

    /// <summary>A member comes; done as soon as another one notices, so in the middle of a rebalance.</summary>
    public async Task BeginRebalanceAsync()
    {
        Wake();
        var before = Changes();
        Join(inProcess: true);
        await Until.ItIsAsync(() => Changes() > before, TimeSpan.FromMinutes(1));
    }

    /// <summary>Nobody is stalled any more and at least two are there.</summary>
    public void Settle()
    {
        Wake();
        while (_members.Count < 2)
        {
            Join(inProcess: true);
        }
    }

    /// <summary>All leave; true when they did so in time.</summary>
    public async Task<bool> LeaveAsync(TimeSpan within)
    {
        _members.ForEach(member => member.Leave());
        return await Until.ItIsAsync(() => _members.TrueForAll(member => member.Ended.IsCompleted), within);
    }

    public async ValueTask DisposeAsync()
    {
        await _observer.DisposeAsync();
        foreach (var member in _all)
        {
            await member.DisposeAsync();
        }
    }

    private int Changes() => _members.OfType<MemberHere>().SelectMany(member => member.Events)
        .Count(happened => happened.Kind is GroupEventKind.Assigned or GroupEventKind.Revoked);

    private void Join(bool inProcess, string? instanceId = null)
    {
        if (_members.Count >= MostMembers)
        {
            return;
        }

        var settings = new MemberSettings(bootstrapServers, name, $"{name}-{_all.Count}", [.. workload.Topics.Keys],
            kind == GroupKind.Eager ? PartitionAssignmentStrategy.Range : PartitionAssignmentStrategy.CooperativeSticky)
        {
            InstanceId = instanceId,
            IsSdk = kind == GroupKind.Sdk,
        };
        IRunningMember member = inProcess ? new MemberHere(settings) : new MemberProcess(settings);
        _all.Add(member);
        _members.Add(member);
        Tell(member, $"joins{(inProcess ? "" : " in a process of its own")}{(instanceId is null ? "" : " as static")}");
    }

    private void Go(string how, Action<IRunningMember> go)
    {
        if (_members.Count < 2)
        {
            Join(inProcess: true);
            return;
        }

        // One that was given something, if there is one: that is the one that is missed.
        var member = _members.Where(member => member.Events.Count > 0).DefaultIfEmpty(_members[0]).OrderBy(_ => random.Next()).First();
        _members.Remove(member);
        go(member);
        Tell(member, how);
    }

    private void Stall()
    {
        _stalled = _members[random.Next(_members.Count)];
        _stalled.Stall();
        Tell(_stalled, "stalls");
    }

    private void Wake()
    {
        if (_stalled is { } member)
        {
            member.Resume();
            Tell(member, "wakes");
            _stalled = null;
        }
    }

    /// <summary>Another takes the instance id; the old one, where it still runs, is fenced, or it went before without leaving.</summary>
    private void ReplaceStatic()
    {
        var instanceId = $"{name}-static";
        if (_members.Find(member => member.Settings.InstanceId == instanceId) is { } old)
        {
            _members.Remove(old);
            if (random.Next(2) == 0)
            {
                old.Leave();
                Tell(old, "stops and stays a member");
            }
        }

        Join(inProcess: random.Next(2) == 0, instanceId);
    }

    private void Tell(IRunningMember member, string what) =>
        Story.Add(string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:HH:mm:ss.fff} {member.Settings.Name} {what}"));
}
