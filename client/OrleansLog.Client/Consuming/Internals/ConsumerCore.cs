namespace OrleansLog.Client;

/// <summary>
/// What a consumer does whatever its types: which partitions, from where, how far. The reader (one at a time), the fetch loop
/// and callers from anywhere meet under one lock that is held for a moment at a time, never across a request.
/// </summary>
internal sealed partial class ConsumerCore(ClientContext client, ConsumerOptions options) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicPartition, AssignedPartition> _assigned = [];
    private readonly Queue<AssignedPartition> _ready = new();
    private readonly CancellationTokenSource _closing = new();
    private int _version;
    private bool _isClosed;

    /// <summary>Changes whenever the reader must look again before it goes on.</summary>
    public int Version => Volatile.Read(ref _version);

    public ConsumerOptions Options => options;

    public IReadOnlyCollection<TopicPartition> Assignment()
    {
        lock (_gate)
            return [.. _assigned.Keys];
    }

    public IReadOnlyCollection<TopicPartition> Paused()
    {
        lock (_gate)
            return [.. _assigned.Values.Where(static partition => partition.IsPaused).Select(static partition => partition.Partition)];
    }

    public void Assign(IEnumerable<TopicPartition> partitions, StartAt start, bool isAddition)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        var wanted = partitions.ToHashSet();
        foreach (var (topic, number) in wanted)
        {
            ArgumentException.ThrowIfNullOrEmpty(topic);
            ArgumentOutOfRangeException.ThrowIfNegative(number);
        }

        lock (_gate)
        {
            ThrowIfClosed();
            ThrowIfSubscribed();
            if (!isAddition)
            {
                foreach (var gone in _assigned.Keys.Where(partition => !wanted.Contains(partition)).ToArray())
                    Remove(gone);
            }

            foreach (var partition in wanted)
            {
                Remove(partition);
                _assigned.Add(partition, new AssignedPartition(partition, start));
            }

            Changed();
        }

        Wake();
    }

    public bool Unassign(TopicPartition partition)
    {
        lock (_gate)
        {
            ThrowIfSubscribed();
            var removed = Remove(partition);
            Changed();
            return removed;
        }
    }

    public void Seek(TopicPartition partition, StartAt start)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            GiveBack(Assigned(partition).Restart(start));
            Changed();
        }

        Wake();
    }

    public void SetPaused(IEnumerable<TopicPartition> partitions, bool isPaused)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        lock (_gate)
        {
            ThrowIfClosed();
            foreach (var assigned in partitions.Select(Assigned).ToArray())
            {
                assigned.IsPaused = isPaused;
                Enqueue(assigned);
            }

            Changed();
        }

        Wake();
    }

    public long? Position(TopicPartition partition)
    {
        lock (_gate)
            return Assigned(partition).Position;
    }

    public async ValueTask<long> PositionAsync(TopicPartition partition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                ThrowIfClosed();
                var assigned = Assigned(partition);
                if (assigned.Position is { } position)
                    return position;
                if (assigned.Error is { } error)
                    throw error;
                changed = Resolved();
            }

            Wake();
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public Watermarks? LastWatermarks(TopicPartition partition)
    {
        lock (_gate)
            return _assigned.TryGetValue(partition, out var assigned) ? assigned.Watermarks : null;
    }

    public async ValueTask DisposeAsync()
    {
        await UnsubscribeAsync(CancellationToken.None).ConfigureAwait(false);
        Task loop;
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            foreach (var partition in _assigned.Keys.ToArray())
                Remove(partition);
            if (Volatile.Read(ref _isReading) == 0)
                LeaveCursor();
            Changed();
            loop = _loop ?? Task.CompletedTask;
        }

        ClientMetrics.Unwatch(this);
        await _closing.CancelAsync().ConfigureAwait(false);
        await loop.ConfigureAwait(false);
        _closing.Dispose();
    }

    private AssignedPartition Assigned(TopicPartition partition) => _assigned.TryGetValue(partition, out var assigned)
        ? assigned
        : throw new InvalidOperationException($"{partition} is not assigned to this consumer; assign it first.");

    private bool Remove(TopicPartition partition)
    {
        if (!_assigned.Remove(partition, out var assigned))
            return false;
        GiveBack(assigned.Restart(StartAt.Default)); // The new generation makes answers under way go nowhere.
        return true;
    }

    // What the reader stands in is the reader's to give back, because a record of it may be in use.
    private void GiveBack(PartitionCursor? cursor)
    {
        if (cursor is null)
            return;
        _bufferedBytes -= cursor.BufferedBytes;
        if (cursor != _readerCursor)
            cursor.Dispose();
    }

    private void Changed()
    {
        Volatile.Write(ref _version, _version + 1);
        SignalReader();
        _resolved?.TrySetResult();
        _resolved = null;
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_isClosed, typeof(ILogConsumer<,>));
}
