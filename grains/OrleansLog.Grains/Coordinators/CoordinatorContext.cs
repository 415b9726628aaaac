using OrleansLog.Core.Configuration;
using OrleansLog.Core.Groups;
using OrleansLog.Grains.Maintenance;
using OrleansLog.Grains.Replicas;

namespace OrleansLog.Grains.Coordinators;

/// <summary>What the coordinator shards of one broker share.</summary>
internal sealed class CoordinatorContext(BrokerContext broker, MetadataCache metadata, ReplicaManager replicas, WorkThreads loaders) : IDisposable
{
    private int _groups;
    private int _waiting;
    private long _memberBytes;

    public BrokerContext Broker { get; } = broker;

    public MetadataCache Metadata { get; } = metadata;

    /// <summary>Threads that load shards; as many load at a time.</summary>
    public WorkThreads Loaders { get; } = loaders;

    /// <summary>Who is told when a shard has loaded, failed or gone.</summary>
    public ShardMoves Moves { get; } = new();

    public CoordinatorMetrics Metrics { get; } = new();

    public BrokerConfig Config => replicas.Config;

    public GroupSettings Settings { get; } = GroupSettings.From(replicas.Config);

    /// <summary>Groups of all shards.</summary>
    public int GroupCount => Volatile.Read(ref _groups);

    /// <summary>Bytes that the members of all groups hold.</summary>
    public long MemberBytes => Interlocked.Read(ref _memberBytes);

    public GroupTime Now => new(Broker.MonotonicMs, Broker.NowMs);

    /// <summary>Counts a new group; false, and not counted, above <c>orleanslog.groups.max</c>.</summary>
    public bool TryAddGroup()
    {
        if (Interlocked.Increment(ref _groups) <= Config.GroupsMax)
            return true;

        Interlocked.Decrement(ref _groups);
        return false;
    }

    /// <summary>Counts a group that is loaded: it exists, whatever the bound.</summary>
    public void AddLoadedGroup() => Interlocked.Increment(ref _groups);

    public void RemoveGroups(int count) => Interlocked.Add(ref _groups, -count);

    /// <summary>
    /// Counts bytes that a group is about to keep for its members; false, and not counted, above <c>orleanslog.group.members.max.bytes</c>. The last
    /// eighth is for members that are in: they rejoin with more, and are assigned partitions, when nobody else gets in any more.
    /// </summary>
    public bool TryTakeRoom(long bytes, bool isNew)
    {
        var most = Config.GroupMembersMaxBytes;
        if (isNew)
            most -= most / 8;

        for (var taken = MemberBytes; bytes <= most - taken;)
        {
            var seen = Interlocked.CompareExchange(ref _memberBytes, taken + bytes, taken);
            if (seen == taken)
                return true;

            taken = seen;
        }

        return false;
    }

    /// <summary>Counts what a group keeps in the end: it is there, whatever the bound.</summary>
    public void ChangeRoom(long bytes) => Interlocked.Add(ref _memberBytes, bytes);

    /// <summary>Counts a request that may wait; false, and not counted, above <c>orleanslog.group.waiting.max</c>.</summary>
    public bool TryBeginWait()
    {
        if (Interlocked.Increment(ref _waiting) <= Config.GroupWaitingMax)
            return true;

        Interlocked.Decrement(ref _waiting);
        return false;
    }

    public void EndWait() => Interlocked.Decrement(ref _waiting);

    public void Dispose()
    {
        Loaders.Dispose();
        Metrics.Dispose();
    }
}
