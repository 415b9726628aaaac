namespace OrleansLog.Log;

public sealed partial class PartitionLog
{
    private readonly Lock _flushing = new();
    private readonly List<LogSegment> _awaitingSync = [];
    private bool _isDirectorySyncOwed;
    private bool _isRollUndoable;
    private long _durableEndOffset;
    private long _appendedBytes;
    private long _syncedBytes;
    private long _generation;

    /// <summary>All below is synced: the recovery point, and under <c>ack</c> what counts as stored (D4). Moves only after a successful fsync.</summary>
    public long DurableEndOffset => Volatile.Read(ref _durableEndOffset);

    /// <summary>Bytes appended and not yet synced.</summary>
    public long UnflushedBytes => Math.Max(0, Interlocked.Read(ref _appendedBytes) - Interlocked.Read(ref _syncedBytes));

    /// <summary>Offsets appended and not yet synced.</summary>
    public long UnflushedMessages => Math.Max(0, LogEndOffset - DurableEndOffset);

    /// <summary>The caller has synced the directory of this log, that it has just opened and given to nobody: a flush need not again.</summary>
    public void NoteDirectorySynced()
    {
        lock (_state)
            _isDirectorySyncOwed = false;
    }

    /// <summary>Takes note of what a flush has to make durable.</summary>
    public FlushTicket BeginFlush() => new(LogEndOffset, Volatile.Read(ref _generation));

    /// <summary>Makes all that is appended durable.</summary>
    public FlushOutcome Flush() => Flush(BeginFlush());

    /// <summary>
    /// Carries a flush out, on any thread; a second one waits. An error is final: the kernel may have dropped the pages, so
    /// the log fails and no later flush pretends otherwise (S8).
    /// </summary>
    public FlushOutcome Flush(FlushTicket ticket)
    {
        lock (_flushing)
        {
            if (Failure is null && (ticket.TargetOffset > DurableEndOffset || _isDirectorySyncOwed || LeaderEpochs.IsStaged) && !_isClosed)
                SyncAll();
            return new FlushOutcome { DurableEndOffset = DurableEndOffset, Error = Failure };
        }
    }

    private void SyncAll()
    {
        LogSegment[] segments;
        OpenSegment active;
        bool syncDirectory;
        long generation, bytes, target;
        lock (_state)
        {
            generation = _generation;
            target = LogEndOffset;
            bytes = Interlocked.Read(ref _appendedBytes);
            segments = [.. _awaitingSync];
            active = _activeOpen;
            syncDirectory = _isDirectorySyncOwed;
            _isDirectorySyncOwed = false;
            if (!active.TryAddReference())
                return;
        }

        try
        {
            foreach (LogSegment segment in segments)
                SyncSealed(segment);
            active.File.Sync(dataOnly: true);
            LeaderEpochs.PublishIfStaged();
            if (syncDirectory)
                _environment.Disk.SyncDirectory(Directory);
            Complete(segments, generation, target, bytes);
        }
        catch (DiskException error)
        {
            Fail(error);
        }
        finally
        {
            active.Release();
        }
    }

    private void Complete(LogSegment[] segments, long generation, long target, long bytes)
    {
        lock (_state)
        {
            // After a truncation meanwhile, what was synced is not what is there; the next flush moves the end.
            if (generation != _generation)
                return;
            Volatile.Write(ref _durableEndOffset, Math.Max(_durableEndOffset, target));
            Interlocked.Exchange(ref _syncedBytes, bytes);
            foreach (LogSegment segment in segments)
            {
                if (!_isRollUndoable && segment != Active && _awaitingSync.Remove(segment))
                    segment.Unpin();
            }
        }
    }

    private void SyncSealed(LogSegment segment)
    {
        try
        {
            OpenSegment open = segment.Lease();
            try
            {
                open.File.Sync(dataOnly: true);
            }
            finally
            {
                open.Release();
            }

            SyncIndexFiles(segment);
        }
        catch (DiskException error) when (error.Kind == DiskErrorKind.NotFound && segment.IsRetired)
        {
            // Retention or truncation took it away meanwhile.
        }
    }

    private void SyncIndexFiles(LogSegment segment)
    {
        foreach (string suffix in (ReadOnlySpan<string>)[SegmentFiles.Index, SegmentFiles.TimeIndex])
        {
            using IDiskFile file = _environment.Disk.Open(segment.PathOf(suffix), DiskOpen.ReadWrite);
            file.Sync(dataOnly: false);
        }
    }
}
