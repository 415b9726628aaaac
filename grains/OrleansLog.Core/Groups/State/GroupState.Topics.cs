using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <content>Topics that are deleted.</content>
public sealed partial class GroupState<TTicket>
{
    /// <summary>Topics are gone: their offsets go too, whoever reads them, so that a new topic of the same name starts from nothing.</summary>
    /// <param name="isGone">Whether the topic of a name and an id is gone. The id is zero where an offset was committed without one.</param>
    /// <param name="decisions">Receives appends.</param>
    public void ForgetTopics(Func<string, Uuid, bool> isGone, GroupDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(isGone);
        ArgumentNullException.ThrowIfNull(decisions);
        if (Phase == GroupPhase.Dead)
            return;

        HashSet<TopicPartitionName> gone = [];
        foreach (var (partition, offset) in _offsets)
        {
            if (isGone(partition.Topic, offset.TopicId))
                gone.Add(partition);
        }

        // The last one counts: an offset for a new topic may be under way while one for the old topic of its name is still what is shown.
        foreach (var pending in _pendingAppends.Values)
        {
            if (pending is not CommitAppend commit)
                continue;

            foreach (var (partition, offset) in commit.Offsets)
            {
                if (isGone(partition.Topic, offset.TopicId))
                    gone.Add(partition);
                else
                    gone.Remove(partition);
            }
        }

        if (gone.Count > 0)
            Append(new ForgetAppend(null, null, [.. gone], removesGroup: false), Tombstones([.. gone]), decisions);
    }
}
