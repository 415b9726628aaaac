using OrleansLog.Core.Groups;
using OrleansLog.Protocol;

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
    /// <param name="isGone">Whether the topic of a name and an id is gone; the id is zero where the offset has none.</param>
    public void ForgetTopics(Func<string, Uuid, bool> isGone) => RunAll(isGone, static (group, gone, _, decisions) => group.ForgetTopics(gone, decisions));

    /// <summary>The broker may have been away when topics were deleted, and perhaps made anew.</summary>
    private void ForgetMissingTopics()
    {
        var image = _context.Metadata.Current;
        ForgetTopics((name, id) => image.FindTopic(name) is not { } topic || (id != default && id != Uuid.FromGuid(topic.Id)));
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
