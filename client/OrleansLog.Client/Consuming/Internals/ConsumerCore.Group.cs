namespace OrleansLog.Client;

internal sealed partial class ConsumerCore
{
    // The reader's own: cursors with records that were delivered and not yet given back by asking for more.
    private readonly List<PartitionCursor> _held = [];
    private GroupMember? _member;
    private TaskCompletionSource? _resting;
    private Exception? _groupError;
    private bool _isGroupOver;
    private bool _isHeldUp;
    private bool _isStandingBy;
    private bool _isTracking;
    private long _readerSteps;
    private bool _isReaderWaiting;

    public GroupMembership? Membership => Volatile.Read(ref _member)?.Membership;

    /// <summary>True while the reader waits for records: the program works on nothing.</summary>
    public bool IsReaderWaiting
    {
        get => Volatile.Read(ref _isReaderWaiting);
        set => Volatile.Write(ref _isReaderWaiting, value);
    }

    /// <summary>Rises whenever the reader asks for more.</summary>
    public long ReaderSteps => Volatile.Read(ref _readerSteps);

    public GroupMember Member() => Volatile.Read(ref _member)
        ?? throw new InvalidOperationException("This consumer is in no group; subscribe first.");

    public void Subscribe(Subscription subscription, GroupOptions group)
    {
        if (client.Groups is null)
            throw new NotSupportedException("This client was made without a transport for groups.");
        lock (_gate)
        {
            ThrowIfClosed();
            ThrowIfSubscribed();
            if (_assigned.Count > 0)
                throw new InvalidOperationException("This consumer was assigned partitions by hand; unassign them before it subscribes.");
            _groupError = null;
            _isGroupOver = false;
            _isTracking = true;
            _member = new GroupMember(client, this, subscription, group);
            _member.Start();
        }
    }

    public async Task UnsubscribeAsync(CancellationToken cancellationToken)
    {
        GroupMember? member;
        lock (_gate)
            member = _member;
        if (member is null)
            return;
        await member.DisposeAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (_member != member)
                return;
            _member = null;
            _isTracking = false;
            _isHeldUp = false;
            _resting = null;
            foreach (var partition in _assigned.Keys.ToArray())
                Remove(partition);
            Changed();
        }
    }

    /// <summary>False while a group has not yet assigned anything for the first time.</summary>
    public bool IsAssignmentKnown => Volatile.Read(ref _member)?.HasAssignment ?? true;

    /// <summary>The reader wants nothing yet, but does not stand in the way of a new assignment.</summary>
    public void Rest()
    {
        lock (_gate)
        {
            ThrowIfClosed();
            _seenVersion = _version;
            _ = IsHeldUp(_readerPartition);
        }
    }

    /// <summary>Delivers up to these offsets, and nothing of other partitions.</summary>
    public void SetEnds(Dictionary<TopicPartition, long> ends)
    {
        lock (_gate)
        {
            _ends = ends;
            Changed();
        }
    }

    /// <summary>A record goes to the program.</summary>
    public void Deliver(PartitionCursor cursor, long offset)
    {
        if (_isTracking && cursor.HeldFrom == long.MaxValue)
        {
            // Before the position moves: whoever commits meanwhile must not count it as done.
            cursor.HeldFrom = offset;
            _held.Add(cursor);
        }

        cursor.Accept();
    }

    /// <summary>The program asks for more: it is done with what it has.</summary>
    public void ReleaseHeld()
    {
        Volatile.Write(ref _readerSteps, _readerSteps + 1);
        if (_held.Count == 0)
            return;
        foreach (var cursor in _held)
            cursor.HeldFrom = long.MaxValue;
        _held.Clear();
    }

    /// <summary>No record is delivered until <see cref="LetReaderGo"/>; the task ends when the reader has none in hand and waits.</summary>
    public Task HoldReaderUp()
    {
        lock (_gate)
        {
            _isHeldUp = true;
            _resting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Changed();
            return _resting.Task;
        }
    }

    public void LetReaderGo()
    {
        lock (_gate)
        {
            _isHeldUp = false;
            _resting = null;
            Changed();
        }

        Wake();
    }

    public void SetStandingBy(bool isStandingBy)
    {
        lock (_gate)
        {
            _isStandingBy = isStandingBy;
            Changed();
        }
    }

    /// <summary>The reader gets this exception; with the end of the membership again and again.</summary>
    public void FailReader(Exception error, bool isOver)
    {
        lock (_gate)
        {
            if (_isGroupOver)
                return;
            _groupError = error;
            _isGroupOver = isOver;
            Changed();
        }
    }

    public void AddPartitions(IEnumerable<(TopicPartition Partition, StartAt Start)> partitions)
    {
        lock (_gate)
        {
            foreach (var (partition, start) in partitions)
            {
                Remove(partition);
                _assigned.Add(partition, new AssignedPartition(partition, start));
            }

            Changed();
        }

        Wake();
    }

    public void RemovePartitions(IEnumerable<TopicPartition> partitions)
    {
        lock (_gate)
        {
            foreach (var partition in partitions)
                Remove(partition);
            Changed();
        }
    }

    /// <summary>Where each partition stands, as far as that is known: behind what was delivered, or behind what is done.</summary>
    public List<TopicPartitionOffset> Positions(bool isDelivered)
    {
        lock (_gate)
        {
            var positions = new List<TopicPartitionOffset>(_assigned.Count);
            foreach (var (partition, assigned) in _assigned)
            {
                if (assigned.Cursor is not { } cursor)
                    continue;
                // In this order: what is held when the position is read was held before it moved.
                var offset = cursor.NextOffset;
                var heldFrom = cursor.HeldFrom;
                positions.Add(new TopicPartitionOffset(
                    partition, isDelivered ? offset : Math.Min(offset, heldFrom), null, cursor.LeaderEpoch));
            }

            return positions;
        }
    }

    /// <summary>The program has committed these itself: automatic commits must not go back behind them.</summary>
    public void Committed(IEnumerable<TopicPartitionOffset> offsets)
    {
        lock (_gate)
        {
            foreach (var offset in offsets)
            {
                if (_assigned.TryGetValue(offset.Partition, out var assigned))
                    assigned.Cursor?.HoldFrom(offset.Offset);
            }
        }
    }

    /// <summary>Records that each partition has and that were not delivered, as far as that is known.</summary>
    public List<(TopicPartition Partition, long Lag)> Lags()
    {
        lock (_gate)
        {
            var lags = new List<(TopicPartition, long)>(_assigned.Count);
            foreach (var (partition, assigned) in _assigned)
            {
                if (assigned is { Watermarks: { } ends, Position: { } position })
                    lags.Add((partition, Math.Max(0, ends.High - position)));
            }

            return lags;
        }
    }

    // Under the lock, by the reader: whether a change of the assignment keeps it from going on.
    private bool IsHeldUp(AssignedPartition? current)
    {
        if (_groupError is { } error)
        {
            if (!_isGroupOver)
                _groupError = null;
            throw error;
        }

        if (!_isHeldUp && !_isStandingBy)
            return false;
        if (current is not null)
        {
            LeaveCursor();
            Enqueue(current);
        }

        // A poll that has taken records returns with them first.
        if (_isHeldUp && _held.Count == 0)
            _resting?.TrySetResult();
        return true;
    }

    private void ThrowIfSubscribed()
    {
        if (_member is not null)
            throw new InvalidOperationException("This consumer is a member of a group, which assigns its partitions; unsubscribe first.");
    }
}
