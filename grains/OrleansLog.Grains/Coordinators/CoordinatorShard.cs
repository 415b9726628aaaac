using OrleansLog.Core.Groups;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Partitions;

namespace OrleansLog.Grains.Coordinators;

/// <summary>An event of a group, run under the shard's lock.</summary>
internal delegate void GroupEvent<TCall>(
    GroupState<GroupTicket> group, TCall call, GroupTicket ticket, GroupTime time, GroupDecisions<GroupTicket> decisions);

/// <summary>
/// The coordinator of the groups that one partition of <c>__consumer_offsets</c> keeps, for as long as this broker leads it under one leader epoch.
/// It loads the partition once, holds its groups, appends what they decide, and ends with the epoch: whatever waits is told to look for the
/// coordinator again. One lock guards all its groups; events are short, and nothing waits under it.
/// </summary>
internal sealed partial class CoordinatorShard
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, GroupHost> _groups = new(StringComparer.Ordinal);
    private readonly GroupDecisions<GroupTicket> _decisions = new();
    private readonly CoordinatorContext _context;
    private readonly Partition _partition;
    private volatile ShardPhase _phase = ShardPhase.Loading;

    public CoordinatorShard(Partition partition, int leaderEpoch, CoordinatorContext context)
    {
        _partition = partition;
        _context = context;
        LeaderEpoch = leaderEpoch;
    }

    /// <summary>The leader epoch that it acts under.</summary>
    public int LeaderEpoch { get; }

    /// <summary>The partition that keeps its groups.</summary>
    public Partition Partition => _partition;

    /// <summary>True while it reads its partition.</summary>
    public bool IsLoading => _phase == ShardPhase.Loading;

    /// <summary>What a request is refused with now, or <see cref="ErrorCode.None"/>.</summary>
    public ErrorCode Refusal
    {
        get
        {
            lock (_gate)
                return RefusalOf(_phase);
        }
    }

    /// <summary>Runs an event of a group; the task is the group's answer.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="mayCreate">True when the event may bring the group into being.</param>
    /// <param name="call">What the event is about.</param>
    /// <param name="groupEvent">The event.</param>
    public Task<GroupReply> CallAsync<TCall>(string groupId, bool mayCreate, TCall call, GroupEvent<TCall> groupEvent)
    {
        lock (_gate)
        {
            var error = TryEnter(groupId, mayCreate, out var host);
            if (error != ErrorCode.None)
                return Task.FromResult(new GroupReply(error, null));

            var ticket = new GroupTicket();
            if (!Run(host!, (groupEvent, call, ticket), static (group, args, time, decisions) => args.groupEvent(group, args.call, args.ticket, time, decisions)))
                ticket.Fail(ErrorCode.UnknownServerError);

            return ticket.Reply;
        }
    }

    /// <summary>Runs an event that is answered at once.</summary>
    public TResult Ask<TArgs, TResult>(
        string groupId, TArgs args, Func<GroupState<GroupTicket>, TArgs, GroupTime, GroupDecisions<GroupTicket>, TResult> ask, Func<ErrorCode, TResult> refused)
    {
        lock (_gate)
        {
            var error = TryEnter(groupId, mayCreate: false, out var host);
            if (error != ErrorCode.None)
                return refused(error);

            var result = refused(ErrorCode.UnknownServerError);
            Run(host!, (ask, args), (group, a, time, decisions) => result = a.ask(group, a.args, time, decisions));
            return result;
        }
    }

    /// <summary>The leadership has ended, or the broker stops.</summary>
    public void StepDown()
    {
        int groups;
        lock (_gate)
        {
            if (_phase == ShardPhase.Closed)
                return;

            _phase = ShardPhase.Closed;
            groups = _groups.Count;
            Unload(ErrorCode.NotCoordinator);
        }

        _context.Moves.Tell(_partition.Name.Partition);
        if (groups > 0)
            _context.Broker.Logger.ShardSteppedDown(_partition.Name, LeaderEpoch, groups);
    }

    /// <summary>A group's deadline has come.</summary>
    public void Tick(GroupHost host, int generation)
    {
        lock (_gate)
        {
            if (_phase != ShardPhase.Active || host.Generation != generation)
                return;

            host.TimerRan();
            Run(host, 0, static (group, _, time, decisions) => group.Tick(time, decisions));
        }
    }

    private static ErrorCode RefusalOf(ShardPhase phase) => phase switch
    {
        ShardPhase.Active => ErrorCode.None,
        ShardPhase.Loading => ErrorCode.CoordinatorLoadInProgress,
        ShardPhase.Failed => ErrorCode.CoordinatorNotAvailable,
        _ => ErrorCode.NotCoordinator,
    };

    /// <summary>Under the lock: the group, or why there is none; GROUP_ID_NOT_FOUND where it may not be made.</summary>
    private ErrorCode TryEnter(string groupId, bool mayCreate, out GroupHost? host)
    {
        host = null;
        var error = RefusalOf(_phase);
        if (error != ErrorCode.None || _groups.TryGetValue(groupId, out host))
            return error;
        if (!mayCreate)
            return ErrorCode.GroupIdNotFound;
        if (!_context.TryAddGroup())
            return ErrorCode.GroupMaxSizeReached;

        host = new GroupHost(this, new GroupState<GroupTicket>(groupId, _context.Settings));
        _groups.Add(groupId, host);
        return ErrorCode.None;
    }

    /// <summary>Under the lock: one event of a group, and what follows from it: appends are queued before anything is answered. False when the rules failed.</summary>
    private bool Run<TArgs>(GroupHost host, TArgs args, Action<GroupState<GroupTicket>, TArgs, GroupTime, GroupDecisions<GroupTicket>> groupEvent)
    {
        var time = _context.Now;
        var generationBefore = host.State.GenerationId;
        _decisions.Clear();
        try
        {
            groupEvent(host.State, args, time, _decisions);
        }
        catch (Exception e)
        {
            // A bug in the rules must not leave half a decision behind: the log knows what was true.
            _context.Broker.Logger.GroupDecisionFailed(host.State.GroupId, e);
            Reload(ErrorCode.CoordinatorNotAvailable);
            return false;
        }

        if (host.State.GenerationId != generationBefore)
            _context.Metrics.Rebalanced();

        Settle(host, time);
        return true;
    }

    /// <summary>Under the lock: carries out what a group decided.</summary>
    private void Settle(GroupHost host, GroupTime time)
    {
        foreach (var append in _decisions.Appends)
            Enqueue(host, append);

        foreach (var (ticket, answer) in _decisions.Answers)
            ticket.Complete(answer);

        _decisions.Clear();
        if (host.State.CanForget)
        {
            host.Disarm(_context.Broker.Wheel);
            CountRoom(host, 0);
            if (_groups.Remove(host.State.GroupId))
                _context.RemoveGroups(1);
        }
        else
        {
            host.Arm(_context.Broker.Wheel, time.NowMs);
            CountRoom(host, host.State.MemberBytes);
        }
    }

    /// <summary>Under the lock: forgets all groups and answers whatever waits for them.</summary>
    private void Unload(ErrorCode error)
    {
        _incarnation++;
        _queue.Clear();
        _headWritten = 0;
        foreach (var host in _groups.Values)
        {
            host.Disarm(_context.Broker.Wheel);
            CountRoom(host, 0);
            _decisions.Clear();
            host.State.Unload(error, _decisions);
            foreach (var (ticket, answer) in _decisions.Answers)
                ticket.Complete(answer);
        }

        _decisions.Clear();
        _context.RemoveGroups(_groups.Count);
        _groups.Clear();
    }

    private enum ShardPhase
    {
        Loading,
        Active,
        Failed,
        Closed,
    }
}
