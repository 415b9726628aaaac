using OrleansLog.Core.Groups;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Coordinators;

/// <summary>One group in its shard: the state machine and its one timer. The shard's lock guards it.</summary>
internal sealed class GroupHost(CoordinatorShard shard, GroupState<GroupTicket> state) : TimerEntry
{
    private long _timerMs = long.MaxValue;

    /// <summary>The group.</summary>
    public GroupState<GroupTicket> State { get; } = state;

    /// <summary>Sees to it that the group is called at its deadline. A timer that is too early is left: nearly every heartbeat moves a deadline, few are reached.</summary>
    public void Arm(TimerWheel wheel, long nowMs)
    {
        var deadlineMs = State.NextDeadlineMs;
        if (deadlineMs >= _timerMs)
            return;

        _timerMs = deadlineMs;
        wheel.Schedule(this, Math.Max(0, deadlineMs - nowMs));
    }

    /// <summary>No more calls.</summary>
    public void Disarm(TimerWheel wheel)
    {
        if (_timerMs == long.MaxValue)
            return;

        _timerMs = long.MaxValue;
        wheel.Cancel(this);
    }

    /// <summary>The timer has run.</summary>
    public void TimerRan() => _timerMs = long.MaxValue;

    protected internal override void OnTimer(int generation) => shard.Tick(this, generation);
}
