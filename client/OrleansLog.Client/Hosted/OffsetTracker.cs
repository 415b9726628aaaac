namespace OrleansLog.Client;

/// <summary>
/// Which records of a partition are under way, in offset order. They are done in any order; what may be committed is where the
/// unbroken run of done ones ends.
/// </summary>
internal sealed class OffsetTracker(TopicPartition partition)
{
    private readonly Lock _gate = new();
    private readonly Queue<TrackedRecord> _underWay = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TopicPartitionOffset? _prefix;
    private long _committed = -1;
    private bool _isOver;
    private bool _isDraining;

    public TopicPartition Partition => partition;

    /// <summary>True when the partition is another member's: nothing of it is begun any more.</summary>
    public bool IsOver
    {
        get
        {
            lock (_gate)
                return _isOver;
        }
    }

    /// <summary>A record was read; they come in offset order.</summary>
    public TrackedRecord Begin(long offset, int leaderEpoch)
    {
        var record = new TrackedRecord(this, offset, leaderEpoch);
        lock (_gate)
            _underWay.Enqueue(record);
        return record;
    }

    /// <summary>
    /// Where the unbroken run ends, until it is committed: whoever asks while another's commit is under way gets it too, for that one may never end well.
    /// </summary>
    public TopicPartitionOffset? Uncommitted()
    {
        lock (_gate)
            return _isOver || _prefix is not { } prefix || prefix.Offset <= _committed ? null : prefix;
    }

    /// <summary>The run up to here is committed.</summary>
    public void Committed(long offset)
    {
        lock (_gate)
            _committed = Math.Max(_committed, offset);
    }

    /// <summary>Ends when nothing is under way; ask when nothing more is begun.</summary>
    public Task DrainedAsync()
    {
        lock (_gate)
        {
            _isDraining = true;
            if (_underWay.Count == 0)
                _drained.TrySetResult();
            return _drained.Task;
        }
    }

    public void End()
    {
        lock (_gate)
            _isOver = true;
    }

    internal void Done(TrackedRecord record)
    {
        lock (_gate)
        {
            record.IsDone = true;
            while (_underWay.TryPeek(out var first) && first.IsDone)
            {
                _underWay.Dequeue();
                _prefix = new TopicPartitionOffset(partition, first.Offset + 1, null, first.LeaderEpoch);
            }

            if (_isDraining && _underWay.Count == 0)
                _drained.TrySetResult();
        }
    }
}

/// <summary>A record under way.</summary>
internal sealed class TrackedRecord(OffsetTracker tracker, long offset, int leaderEpoch)
{
    public OffsetTracker Tracker => tracker;

    public long Offset => offset;

    public int LeaderEpoch => leaderEpoch;

    /// <summary>Under the tracker's lock.</summary>
    public bool IsDone { get; set; }

    public void Done() => tracker.Done(this);
}
