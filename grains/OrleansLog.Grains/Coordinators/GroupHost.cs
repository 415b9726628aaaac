using OrleansLog.Core.Groups;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Coordinators;

/// <summary>One group in its shard: the state machine and its one timer. The shard's lock guards it.</summary>
internal sealed class GroupHost : TimerEntry, IMemberRoom
{
    private readonly CoordinatorShard _shard;
    private long _timerMs = long.MaxValue;

    public GroupHost(CoordinatorShard shard, GroupState<GroupTicket> state)
    {
        _shard = shard;
        State = state;
        state.Room = this;
    }

    /// <summary>The group.</summary>
    public GroupState<GroupTicket> State { get; }

    /// <summary>Bytes that it has of the broker's room for members.</summary>
    public long RoomBytes { get; set; }

    /// <summary>More room, for the event that runs.</summary>
    public bool TryTake(long bytes, bool isNew) => _shard.TryTakeRoom(this, bytes, isNew);

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

    protected internal override void OnTimer(int generation) => _shard.Tick(this, generation);
}
