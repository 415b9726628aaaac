using OrleansLog.Log;

namespace OrleansLog.Core.Groups;

/// <content>Topics that are deleted.</content>
public sealed partial class GroupState<TTicket>
{
    /// <summary>Topics are gone: their offsets go too, whoever reads them, so that a new topic of the same name starts from nothing.</summary>
    /// <param name="topics">Names of the topics.</param>
    /// <param name="decisions">Receives appends.</param>
    public void ForgetTopics(IReadOnlySet<string> topics, GroupDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(topics);
        ArgumentNullException.ThrowIfNull(decisions);
        if (Phase == GroupPhase.Dead)
            return;

        var gone = new HashSet<TopicPartitionName>();
        foreach (var partition in _offsets.Keys)
        {
            if (topics.Contains(partition.Topic))
                gone.Add(partition);
        }

        foreach (var pending in _pendingAppends.Values)
        {
            if (pending is CommitAppend commit)
                gone.UnionWith(commit.Offsets.Select(offset => offset.Partition).Where(partition => topics.Contains(partition.Topic)));
        }

        if (gone.Count > 0)
            Append(new ForgetAppend(null, null, [.. gone], removesGroup: false), Tombstones([.. gone]), decisions);
    }
}
