using OrleansLog.Grains.Diagnostics;

namespace OrleansLog.Grains.Coordinators;

/// <content>What the members of its groups hold is a part of the broker's room, <c>orleanslog.group.members.max.bytes</c>.</content>
internal sealed partial class CoordinatorShard
{
    /// <summary>Under the lock, in the middle of an event: room for what the group is about to keep. What it kept in the end is counted after the event.</summary>
    public bool TryTakeRoom(GroupHost host, long bytes, bool isNew)
    {
        if (!_context.TryTakeRoom(bytes, isNew))
        {
            _context.Broker.Logger.GroupMembersLackRoom(host.State.GroupId, bytes, _context.MemberBytes);
            return false;
        }

        host.RoomBytes += bytes;
        return true;
    }

    /// <summary>Under the lock: the group has the room that it needs now, whatever the bound.</summary>
    private void CountRoom(GroupHost host, long bytes)
    {
        _context.ChangeRoom(bytes - host.RoomBytes);
        host.RoomBytes = bytes;
    }
}
