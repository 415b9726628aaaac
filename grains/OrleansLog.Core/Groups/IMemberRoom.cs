namespace OrleansLog.Core.Groups;

/// <summary>Room for what the members of a broker's groups hold in memory: <c>orleanslog.group.members.max.bytes</c>.</summary>
public interface IMemberRoom
{
    /// <summary>Takes room before a group grows; false, and nothing taken, where there is not enough.</summary>
    /// <param name="bytes">How much, above 0.</param>
    /// <param name="isNew">True for a member that is not in yet: a part of the room is kept for those who are.</param>
    bool TryTake(long bytes, bool isNew);
}
