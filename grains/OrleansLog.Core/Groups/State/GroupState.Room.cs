namespace OrleansLog.Core.Groups;

/// <content>What the group's members hold in memory, and who may add to it.</content>
public sealed partial class GroupState<TTicket>
{
    private long _appendBytes;
    private long _topicBytes;
    private bool _topicsLackRoom;

    /// <summary>
    /// Bytes that its members hold in memory: ids, names, metadata and assignments, told ids, the topics of the subscriptions, and members' records that
    /// are being written. It is kept up to date with every change.
    /// </summary>
    public long MemberBytes => _members.Bytes + _appendBytes + _topicBytes;

    /// <summary>Asked before the members hold more than before; null: there is always room, as there is while the group is loaded.</summary>
    public IMemberRoom? Room { get; set; }

    /// <summary>The same as <see cref="MemberBytes"/>, counted anew.</summary>
    internal long CountMemberBytes()
    {
        var bytes = _members.CountBytes() + MemberSize.OfTopics(_subscribedTopics);
        foreach (var pending in _pendingAppends.Values)
            bytes += pending.MemberBytes;

        return bytes;
    }

    /// <summary>Who takes no more than it had is never refused.</summary>
    private bool TryTakeRoom(long bytes, bool isNew) => bytes <= 0 || Room is null || Room.TryTake(bytes, isNew);

    /// <summary>
    /// Room for a record of all members that is to be written. The first one is taken for granted; while one is being written, others would pile up
    /// behind it as fast as members ask, so they need room of their own.
    /// </summary>
    private long RoomForRecord => _appendBytes == 0 ? 0 : _members.Bytes;

    /// <summary>Without room for their names, the subscriptions count as unreadable.</summary>
    private void KeepTopics(HashSet<string>? topics)
    {
        var bytes = MemberSize.OfTopics(topics);
        _topicsLackRoom = !TryTakeRoom(bytes - _topicBytes, isNew: false);
        (_subscribedTopics, _topicBytes) = _topicsLackRoom ? (null, 0) : (topics, bytes);
    }
}
