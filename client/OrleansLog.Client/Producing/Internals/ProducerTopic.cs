using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>A topic as a producer sees it: its partitions' senders, the sticky partition, and the queue of callers that wait.</summary>
internal sealed class ProducerTopic(ProducerCore core, string name)
{
    private readonly Lock _gate = new();
    private PartitionSender[] _senders = [];
    private TopicDescription? _description;
    private Task? _refreshing;
    private long _readAt;
    private long _unknownSince;
    private long _stickyBytes;
    private int _sticky;
    private int _waiting;

    public string Name { get; } = name;

    /// <summary>Where callers wait for metadata or memory, in order.</summary>
    public AsyncGate Gate { get; } = new();

    /// <summary>Empty until the cluster has told how many partitions there are.</summary>
    public PartitionSender[] Senders => Volatile.Read(ref _senders);

    /// <summary>While somebody waits, everyone else goes behind, so that the order of calls is kept.</summary>
    public bool HasWaiting => Volatile.Read(ref _waiting) > 0;

    public void AddWaiting(int change) => Interlocked.Add(ref _waiting, change);

    /// <summary>The sender that a record goes to; null when the topic has no such partition (yet).</summary>
    public PartitionSender? Route(PartitionSender[] senders, int partition, ReadOnlySpan<byte> key, bool keyIsNull)
    {
        if (partition < 0)
        {
            partition = core.Options.Partitioner.Choose(Name, key, keyIsNull, senders.Length);
            if (partition == Partitioner.Sticky)
                partition = Math.Min(Volatile.Read(ref _sticky), senders.Length - 1);
            else if ((uint)partition >= (uint)senders.Length)
                throw new ArgumentException($"The partitioner chose partition {partition} of topic '{Name}', which has {senders.Length}.");
        }

        return partition < senders.Length ? senders[partition] : null;
    }

    /// <summary>Counts what went to the sticky partition; after a batch's worth another one is it.</summary>
    public void BatchSealed(int partition, int bytes)
    {
        if (partition != Volatile.Read(ref _sticky) || Interlocked.Add(ref _stickyBytes, bytes) < core.Options.BatchBytes)
            return;
        Volatile.Write(ref _stickyBytes, 0);
        Volatile.Write(ref _sticky, core.ChooseSticky(Volatile.Read(ref _description), partition));
    }

    /// <summary>Asks the cluster until the topic is known with more than <paramref name="partition"/> partitions.</summary>
    /// <exception cref="UnknownTopicException">The cluster goes on saying that there is none.</exception>
    /// <exception cref="LogException">The cluster cannot be reached, or refuses.</exception>
    public async Task LoadAsync(int partition, CancellationToken cancellationToken)
    {
        var started = core.Time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            LogException error;
            try
            {
                var topic = await core.Topics.RefreshAsync(Name, cancellationToken).ConfigureAwait(false);
                if (topic.Error == ErrorCode.None)
                    Apply(topic);
                if (topic.Error == ErrorCode.None && partition < topic.Partitions.Length && topic.Partitions.Length > 0)
                    return;
                if (topic.Error == ErrorCode.UnknownTopicOrPartition && attempt == 0 && await core.TryCreateAsync(Name, cancellationToken).ConfigureAwait(false))
                    continue;
                error = topic.Error == ErrorCode.None
                    ? new UnknownTopicException(Name, $"Topic '{Name}' has {topic.Partitions.Length} partitions; there is no partition {partition}.")
                    : LogException.From(topic.Error, null, Name);
            }
            catch (LogException failed)
            {
                error = failed;
            }

            var elapsedMs = core.Time.GetElapsedTime(started).TotalMilliseconds;
            var limitMs = error is UnknownTopicException ? Math.Min(core.Options.UnknownTopicRetryMs, core.Options.MaxBlockMs) : core.Options.MaxBlockMs;
            if (error is not UnknownTopicException && !error.IsRetriable || elapsedMs >= limitMs)
                throw error;
            await Backoff.WaitAsync(attempt, core.Options.RetryBackoffMs, core.Options.RetryBackoffMaxMs, core.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// After a refusal: looks again who leads; true when the cluster says, and goes on saying, that the topic is gone.
    /// </summary>
    public async ValueTask<bool> IsGoneAsync(ErrorCode refusal)
    {
        if (!refusal.MeansStaleMetadata())
            return false;
        try
        {
            var topic = await core.Topics.RefreshAsync(Name, core.Closing).ConfigureAwait(false);
            if (topic.Error == ErrorCode.None)
                Apply(topic);
            if (topic.Error is not (ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId))
                Volatile.Write(ref _unknownSince, 0);
            else if (Volatile.Read(ref _unknownSince) == 0)
                Volatile.Write(ref _unknownSince, core.Time.GetTimestamp());
            else
                return core.Time.GetElapsedTime(Volatile.Read(ref _unknownSince)).TotalMilliseconds >= core.Options.UnknownTopicRetryMs;
        }
        catch (Exception error) when (error is LogException or OperationCanceledException)
        {
            // Not reachable now; the batch is tried again until its deadline.
        }

        return false;
    }

    /// <summary>Reads metadata again in the background when it is old: a topic may have grown.</summary>
    public void RefreshIfOld()
    {
        if (core.Time.GetElapsedTime(Volatile.Read(ref _readAt)).TotalMilliseconds < core.Options.MetadataMaxAgeMs)
            return;
        lock (_gate)
        {
            if (_refreshing is { IsCompleted: false })
                return;
            Volatile.Write(ref _readAt, core.Time.GetTimestamp());
            core.Own(_refreshing = RefreshAsync());
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            var topic = await core.Topics.RefreshAsync(Name, core.Closing).ConfigureAwait(false);
            if (topic.Error == ErrorCode.None)
                Apply(topic);
        }
        catch (Exception error) when (error is LogException or OperationCanceledException)
        {
            // The old metadata serves on; a send that fails by it reads it again.
        }
    }

    private void Apply(TopicDescription topic)
    {
        lock (_gate)
        {
            Volatile.Write(ref _description, topic);
            Volatile.Write(ref _readAt, core.Time.GetTimestamp());
            var senders = _senders;
            if (topic.Partitions.Length <= senders.Length)
                return;
            var isFirst = senders.Length == 0;
            var grown = new PartitionSender[topic.Partitions.Length];
            senders.CopyTo(grown, 0);
            for (var i = senders.Length; i < grown.Length; i++)
                grown[i] = new PartitionSender(core, this, i);
            if (isFirst)
                Volatile.Write(ref _sticky, core.ChooseSticky(topic, -1));
            Volatile.Write(ref _senders, grown);
        }
    }
}
