using System.Collections.Concurrent;
using OrleansLog.Core.Partition;
using OrleansLog.Grains.Appending;
using OrleansLog.Log;

namespace OrleansLog.Grains.Replication;

/// <summary>
/// The fetches of one follower's connection, as a leader serves them: the partitions stay from one fetch to the next (as in KIP-227), and
/// each tells of itself when there is something new, so that a fetch costs as much as what changed. One caller at a time.
/// </summary>
public sealed class ReplicaFetchSession : IDisposable
{
    private readonly LocalBroker _local;
    private readonly BrokerContext _broker;
    private readonly Dictionary<(Guid TopicId, int Partition), ReplicaWatch> _watches = [];
    private readonly ConcurrentQueue<ReplicaWatch> _ready = new();
    private readonly PartitionDecisions<AppendRequest> _decisions = new();
    private readonly List<ReplicaWatch> _left = [];
    private readonly HeldNews _held = new();
    private readonly SessionWait _wait;
    private readonly Func<bool> _hasNews;
    private volatile bool _isDisposed;

    internal ReplicaFetchSession(LocalBroker local, BrokerContext broker, int brokerId, long brokerEpoch)
    {
        _local = local;
        _broker = broker;
        BrokerId = brokerId;
        BrokerEpoch = brokerEpoch;
        _wait = new SessionWait(broker.Wheel);
        _hasNews = () => !_ready.IsEmpty || _isDisposed;
    }

    /// <summary>The broker that follows.</summary>
    public int BrokerId { get; }

    /// <summary>Its broker epoch.</summary>
    public long BrokerEpoch { get; }

    /// <summary>A partition is followed from now on, or the follower has come further in it.</summary>
    public void Move(in ReplicaPosition position)
    {
        var key = (position.TopicId, position.Partition);
        if (!_watches.TryGetValue(key, out var watch))
            _watches[key] = watch = new ReplicaWatch(this);

        // Under another leader epoch the follower has forgotten what it was told.
        if (watch.Position.LeaderEpoch != position.LeaderEpoch)
            watch.ToldHighWatermark = watch.ToldLogStart = -1;

        watch.Position = position;
        watch.IsCounted = false;
        watch.AwaitsMove = false;
        var partition = _local.FindReplica(position.TopicId, position.Partition, out _);
        if (!ReferenceEquals(partition, watch.Partition))
        {
            watch.Partition?.RemoveWatch(watch);
            watch.Partition = partition;
            partition?.AddWatch(watch);
        }

        partition?.ReplicaMoved(watch, _decisions);
        watch.Notify();
    }

    /// <summary>A partition is no longer followed here.</summary>
    public void Forget(Guid topicId, int partition)
    {
        if (!_watches.Remove((topicId, partition), out var watch))
            return;

        watch.Partition?.RemoveWatch(watch);
        watch.Partition = null;
        watch.AwaitsMove = true;
    }

    /// <summary>What is new in the partitions that are followed, waiting for it without a thread. Dispose the result.</summary>
    /// <param name="maxWaitMs">How long to wait where there is nothing, in milliseconds.</param>
    /// <param name="maxBytes">Bytes of records at most; one batch may be larger.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<ReplicaFetchResult> FetchAsync(int maxWaitMs, int maxBytes, CancellationToken cancellationToken)
    {
        var endsAtMs = _broker.MonotonicMs + maxWaitMs;
        while (true)
        {
            var result = Collect(maxBytes);
            var nowMs = _broker.MonotonicMs;
            if (result.Answers.Count > 0 || nowMs >= endsAtMs || _isDisposed || cancellationToken.IsCancellationRequested)
                return result;

            if (!await _wait.WaitAsync(_hasNews, Math.Max(0, Math.Min(endsAtMs, _held.DueAtMs) - nowMs), cancellationToken).ConfigureAwait(false))
                return result;
        }
    }

    /// <summary>Ends a wait at once: the follower has more to say. From any thread.</summary>
    public void EndWait() => _wait.Interrupt();

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (var watch in _watches.Values)
        {
            watch.Partition?.RemoveWatch(watch);
            watch.Partition = null;
        }

        _watches.Clear();
        _wait.Wake();
    }

    internal void Enqueue(ReplicaWatch watch)
    {
        _ready.Enqueue(watch);
        _wait.Wake();
    }

    private ReplicaFetchResult Collect(int maxBytes)
    {
        var result = new ReplicaFetchResult();
        var bytes = 0;
        var isDue = _held.DueAtMs <= _broker.MonotonicMs;
        try
        {
            for (var count = _ready.Count; count > 0 && (bytes == 0 || bytes < maxBytes) && _ready.TryDequeue(out var watch); count--)
            {
                watch.Taken();
                if (!watch.AwaitsMove)
                    bytes += Read(watch, maxBytes - bytes, isFirst: bytes == 0, mayHold: true, result);
            }

            if (isDue || result.Answers.Count > 0)
            {
                while (_held.TryTake(out var watch))
                {
                    if (!watch.AwaitsMove)
                        bytes += Read(watch, Math.Max(0, maxBytes - bytes), isFirst: false, mayHold: false, result);
                }
            }
        }
        catch
        {
            result.Dispose();
            throw;
        }

        // What did not fit comes first the next time.
        foreach (var watch in _left)
            watch.Notify();

        _left.Clear();
        return result;
    }

    private int Read(ReplicaWatch watch, int maxBytes, bool isFirst, bool mayHold, ReplicaFetchResult result)
    {
        var position = watch.Position;
        var partition = _local.FindReplica(position.TopicId, position.Partition, out var refusal);
        LogRead read = default;
        var answer = partition is not null && ReferenceEquals(partition, watch.Partition)
            ? partition.ReadFor(watch, Math.Min(maxBytes, position.MaxBytes), isFirst, _decisions, cachedOnly: LocalBroker.MayNotWait && !watch.TakeWarmth(), out read)
            : new ReplicaAnswer
            {
                TopicId = position.TopicId,
                Partition = position.Partition,
                AskedLeaderEpoch = position.LeaderEpoch,
                AskedOffset = position.FetchOffset,
                Error = refusal == ErrorCode.None ? ErrorCode.NotLeaderOrFollower : refusal,
                HighWatermark = -1,
                LogStartOffset = -1,
                LogEndOffset = -1,
            };
        if (read.IsCold)
        {
            if (watch.TryWarm())
                _local.Readers.Post(new ReplicaWarming(watch, partition!.Log, Math.Min(maxBytes, position.MaxBytes)));

            return 0;
        }

        var length = answer.Records.Length;
        if (length == 0 && read.HasMore)
            _left.Add(watch);

        if (!watch.IsNews(answer))
        {
            read.Dispose();
            return 0;
        }

        if (mayHold && watch.IsOnlyCommitted(answer))
        {
            read.Dispose();
            _held.Add(watch, _broker.MonotonicMs);
            return 0;
        }

        watch.Told(answer);
        result.Add(answer, read);
        _broker.Metrics.Replicated(length);
        return length;
    }
}
