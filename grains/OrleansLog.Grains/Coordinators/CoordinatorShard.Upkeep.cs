using OrleansLog.Core.Groups;

namespace OrleansLog.Grains.Coordinators;

/// <content>What is done to all groups of the shard: listing, expiry, topics that are gone, figures.</content>
internal sealed partial class CoordinatorShard
{
    /// <summary>Calls something for each group, under the lock; false, and nothing done, unless the shard is active.</summary>
    public bool TryVisit<TArgs>(TArgs args, Action<GroupState<GroupTicket>, TArgs> visit)
    {
        lock (_gate)
        {
            if (_phase != ShardPhase.Active)
                return false;

            foreach (var host in _groups.Values)
                visit(host.State, args);

            return true;
        }
    }

    /// <summary>Forgets offsets and groups whose time is over.</summary>
    public void ExpireOffsets() => RunAll(0, static (group, _, time, decisions) => group.Expire(time, decisions));

    /// <summary>Forgets offsets of topics that are gone.</summary>
    public void ForgetTopics(IReadOnlySet<string> topics) => RunAll(topics, static (group, names, _, decisions) => group.ForgetTopics(names, decisions));

    /// <summary>The broker may have been away when topics were deleted.</summary>
    private void ForgetMissingTopics()
    {
        var image = _context.Metadata.Current;
        var missing = new HashSet<string>(StringComparer.Ordinal);
        var offsets = new List<OffsetView>();
        TryVisit(offsets, static (group, all) => group.FetchAllOffsets(all));
        foreach (var offset in offsets)
        {
            if (image.FindTopic(offset.Partition.Topic) is null)
                missing.Add(offset.Partition.Topic);
        }

        if (missing.Count > 0)
            ForgetTopics(missing);
    }

    /// <summary>One event for each group; the lock is let go between two of them, so that nobody waits for all.</summary>
    private void RunAll<TArgs>(TArgs args, Action<GroupState<GroupTicket>, TArgs, GroupTime, GroupDecisions<GroupTicket>> groupEvent)
    {
        GroupHost[] hosts;
        lock (_gate)
            hosts = _phase == ShardPhase.Active ? [.. _groups.Values] : [];

        foreach (var host in hosts)
        {
            lock (_gate)
            {
                if (_phase == ShardPhase.Active && _groups.TryGetValue(host.State.GroupId, out var current) && current == host)
                    Run(host, args, groupEvent);
            }
        }
    }
}
