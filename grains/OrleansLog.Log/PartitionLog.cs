namespace OrleansLog.Log;

/// <summary>
/// One partition's log on disk. Passive and synchronous. One writer at a time calls <see cref="Append"/>, <see cref="Roll"/>,
/// <see cref="TruncateTo"/>, <see cref="AdvanceLogStart"/>, <see cref="ApplyRetention"/> and <see cref="Close"/>; any number of readers and one
/// flush run concurrently with it.
/// </summary>
public sealed partial class PartitionLog : IDisposable
{
    private readonly LogEnvironment _environment;
    private readonly Lock _state = new();
    private readonly PositionHints _hints = new();
    private LogSegment[] _segments;
    private LogSettings _settings;
    private OpenSegment _activeOpen;
    private DiskException? _failure;
    private long _logStartOffset;
    private long _logEndOffset;
    private bool _isClosed;

    internal PartitionLog(
        LogEnvironment environment, string directory, TopicPartitionName name, LogSettings settings, LeaderEpochCache leaderEpochs, OpenedLog opened)
    {
        _environment = environment;
        Directory = directory;
        Name = name;
        LeaderEpochs = leaderEpochs;
        RecoveryReport = opened.Report;
        _settings = settings;
        Producers = opened.Producers;
        _snapshotOffset = opened.SnapshotOffset;
        _segments = opened.Segments;
        _activeOpen = Active.Open!;
        _logStartOffset = opened.LogStartOffset;
        _logEndOffset = opened.LogEndOffset;
        _durableEndOffset = opened.DurableEndOffset;
        _awaitingSync.AddRange(opened.AwaitingSync);
        _isDirectorySyncOwed = opened.IsDirectorySyncOwed;
        _appendedBytes = opened.UnsyncedBytes;
    }

    /// <summary>Opens or creates a log, and recovers it where the stop was unclean (D15, D11).</summary>
    /// <param name="environment">Disk, cache and buffers of the broker.</param>
    /// <param name="directory">The partition's directory; created if missing.</param>
    /// <param name="name">The partition.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="context">What the log directory's checkpoints and markers say.</param>
    /// <exception cref="DiskException">The disk failed.</exception>
    public static PartitionLog Open(
        LogEnvironment environment, string directory, TopicPartitionName name, LogSettings settings, in LogOpenContext context) =>
        new LogOpener(environment, directory, name, settings, context).Open();

    /// <summary>The partition.</summary>
    public TopicPartitionName Name { get; }

    /// <summary>The partition's directory.</summary>
    public string Directory { get; }

    /// <summary>The settings in force.</summary>
    public LogSettings Settings => Volatile.Read(ref _settings);

    /// <summary>What opening found and did.</summary>
    public LogRecoveryReport RecoveryReport { get; }

    /// <summary>The first offset that may be read.</summary>
    public long LogStartOffset => Volatile.Read(ref _logStartOffset);

    /// <summary>The first offset that is on this disk; equal to <see cref="LogStartOffset"/> until there is tiered storage (D16).</summary>
    public long LocalLogStartOffset => LogStartOffset;

    /// <summary>The offset that the next record gets.</summary>
    public long LogEndOffset => Volatile.Read(ref _logEndOffset);

    /// <summary>Bytes of all segments.</summary>
    public long SizeInBytes
    {
        get
        {
            long size = 0;
            foreach (LogSegment segment in Segments)
                size += segment.SizeInBytes;
            return size;
        }
    }

    /// <summary>How many segments there are.</summary>
    public int SegmentCount => Segments.Length;

    /// <summary>The base offset of the active segment.</summary>
    public long ActiveSegmentBaseOffset => Active.BaseOffset;

    /// <summary>Whether the segment that has one offset, or would have it, ends before another offset: is there a segment between them.</summary>
    /// <param name="offset">The lower offset.</param>
    /// <param name="later">The higher one.</param>
    public bool IsInEarlierSegment(long offset, long later)
    {
        LogSegment[] segments = Segments;
        return offset < segments[^1].BaseOffset && FloorIndex(segments, offset) < FloorIndex(segments, later);
    }

    /// <summary>
    /// The first error that was final: a failed fsync, or a cut after a failed write that failed too (S8). The log takes
    /// nothing more; what is in it can be read.
    /// </summary>
    public DiskException? Failure => Volatile.Read(ref _failure);

    /// <summary>The history of leader epochs.</summary>
    public LeaderEpochCache LeaderEpochs { get; }

    /// <summary>Damage known so far: found at opening and by reads since. Shrinks only by retention and truncation.</summary>
    public IReadOnlyList<LogDamage> Damage =>
        [.. Segments.SelectMany(segment => segment.Damage.Select(damage => Describe(segment, damage)))];

    internal LogSegment[] Segments => Volatile.Read(ref _segments);

    private LogSegment Active => _segments[^1];

    /// <summary>Puts other settings in force, from the next append on.</summary>
    public void UpdateSettings(LogSettings settings) => Volatile.Write(ref _settings, settings);

    /// <summary>Closes all files. With <paramref name="clean"/>, writes the indexes and makes all durable first.</summary>
    /// <returns>The outcome of the flush; only without an error may the directory be marked clean.</returns>
    public FlushOutcome Close(bool clean)
    {
        if (_isClosed)
            return new FlushOutcome { DurableEndOffset = DurableEndOffset, Error = Failure };
        FlushOutcome outcome = new() { DurableEndOffset = DurableEndOffset, Error = Failure };
        if (clean && Failure is null)
            outcome = FlushWithIndexes();

        // A flush on another thread ends first: whoever closes a log may move its files away.
        lock (_flushing)
            _isClosed = true;
        foreach (LogSegment segment in Segments)
            Retire(segment);
        return outcome;
    }

    /// <summary>Closes without a flush.</summary>
    public void Dispose() => Close(clean: false);

    private FlushOutcome FlushWithIndexes()
    {
        try
        {
            bool hasWritten = Active.SealIndexes(_environment.Disk, _activeOpen);
            if (_logEndOffset > _segments[0].BaseOffset)
                TakeSnapshot(_logEndOffset);
            FlushOutcome outcome = Flush();
            if (outcome.Error is null && hasWritten)
                SyncIndexFiles(Active);
            return outcome;
        }
        catch (DiskException error)
        {
            return new FlushOutcome { DurableEndOffset = DurableEndOffset, Error = Fail(error) };
        }
    }

    /// <summary>Lets the segment's handle go, whoever holds it; readers keep theirs.</summary>
    private void Retire(LogSegment segment)
    {
        segment.IsRetired = true;
        _environment.Segments.Remove(segment);
        segment.CloseHandle();
    }

    private DiskException Fail(DiskException error) => Interlocked.CompareExchange(ref _failure, error, null) ?? error;

    private static LogDamage Describe(LogSegment segment, in SegmentDamage damage) =>
        new(damage.Kind, segment.LogPath, damage.Position, damage.FromOffset, damage.ToOffset);

    /// <summary>The number of the last segment that begins at or before an offset; -1 if all begin later.</summary>
    private static int FloorIndex(LogSegment[] segments, long offset)
    {
        int low = 0, high = segments.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (segments[middle].BaseOffset <= offset)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return high;
    }
}
