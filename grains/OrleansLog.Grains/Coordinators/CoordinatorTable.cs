using System.Collections.Concurrent;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Replicas;
using OrleansLog.Grains.Timing;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Coordinators;

/// <summary>The coordinator shards of this broker: one for each partition of <c>__consumer_offsets</c> that it leads.</summary>
internal sealed partial class CoordinatorTable : ILeadershipObserver, IDisposable
{
    private readonly ConcurrentDictionary<int, CoordinatorShard> _shards = new();
    private readonly Lock _gate = new();
    private readonly CoordinatorContext _context;
    private ITimer? _expiry;
    private volatile bool _isStopped;

    public CoordinatorTable(CoordinatorContext context)
    {
        _context = context;
        _context.Metadata.Changed += OnChanged;
    }

    /// <summary>Completes when what was given to the threads so far is done; for tests.</summary>
    public Task IdleAsync() => _context.Loaders.WhenIdleAsync();

    /// <summary>The shards.</summary>
    public IEnumerable<CoordinatorShard> All => _shards.Values;

    /// <summary>Bytes that the members of all its groups hold.</summary>
    public long MemberBytes => _context.MemberBytes;

    public void Applied(Partition partition)
    {
        if (partition.Name.Topic != InternalTopics.ConsumerOffsets)
            return;

        var status = partition.Describe();
        CoordinatorShard? ended = null;
        CoordinatorShard? begun = null;
        lock (_gate)
        {
            _shards.TryGetValue(partition.Name.Partition, out var current);
            if (status.IsLeader && current is not null && current.LeaderEpoch == status.LeaderEpoch && current.Partition == partition)
                return;

            ended = current;
            _shards.TryRemove(partition.Name.Partition, out _);
            if (status.IsLeader && !_isStopped)
            {
                begun = new CoordinatorShard(partition, status.LeaderEpoch, _context);
                begun.Load();
                _shards[partition.Name.Partition] = begun;
                ArmExpiry();
            }
        }

        ended?.StepDown();
    }

    public void Closing(Partition partition)
    {
        if (partition.Name.Topic != InternalTopics.ConsumerOffsets)
            return;

        lock (_gate)
        {
            if (!_shards.TryGetValue(partition.Name.Partition, out var current) || current.Partition != partition)
                return;

            _shards.TryRemove(partition.Name.Partition, out _);
            current.StepDown();
        }
    }

    /// <summary>All shards step down: whoever waits is answered.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            foreach (var shard in _shards.Values)
                shard.StepDown();

            _shards.Clear();
            _expiry?.Dispose();
        }

        foreach (var number in _context.Moves.Awaited)
            _context.Moves.Tell(number);

        _context.Metadata.Changed -= OnChanged;
    }

    public void Dispose() => Stop();

    private void ArmExpiry()
    {
        if (_expiry is not null)
            return;

        var interval = TimerDelays.FromMs(_context.Config.OffsetsRetentionCheckIntervalMs);
        _expiry = _context.Broker.Time.CreateTimer(static table => ((CoordinatorTable)table!).PostExpiry(), this, interval, interval);
    }

    private void PostExpiry()
    {
        if (_context.GroupCount > 0)
            _context.Loaders.TryPost(ExpireOffsets);
    }

    private void ExpireOffsets()
    {
        foreach (var shard in All)
            shard.ExpireOffsets();
    }

    /// <summary>Offsets of topics that are gone go too: a new topic of the same name starts from nothing.</summary>
    private void OnChanged(MetadataDelta delta)
    {
        TellOfLostLeaderships(delta.Current);
        if (delta.RemovedTopics.IsEmpty || _shards.IsEmpty)
            return;

        var removed = new Dictionary<string, Uuid>(StringComparer.Ordinal);
        foreach (var id in delta.RemovedTopics)
        {
            if (delta.Previous.FindTopic(id) is { } topic)
                removed.Add(topic.Name, Uuid.FromGuid(id));
        }

        // Later, and by id: the name may be another topic's by then, with offsets of its own.
        _context.Loaders.TryPost(() =>
        {
            foreach (var shard in All)
                shard.ForgetTopics((name, id) => removed.TryGetValue(name, out var gone) && (id == gone || id == default));
        });
    }
}
