namespace OrleansLog.Log;

public sealed partial class PartitionLog
{
    /// <summary>
    /// Cuts everything from an offset on; a batch that holds the offset goes as a whole. Where it lies below the high watermark
    /// checkpoint, write a lower one first (D15).
    /// </summary>
    /// <returns>The new log end.</returns>
    /// <exception cref="DiskException">
    /// The disk failed: with <see cref="Failure"/> the log is failed then, without it (where the cut is to be could not be read) it is as it was.
    /// </exception>
    public long TruncateTo(long offset)
    {
        if (offset >= _logEndOffset)
            return _logEndOffset;
        // Below the log start there is nothing that could be kept.
        if (offset <= Math.Max(_segments[0].BaseOffset, _logStartOffset))
        {
            TruncateFullyAndStartAt(offset);
            return offset;
        }

        // What needs handles comes first: where there are none, the log is as it was.
        int number = FloorIndex(_segments, offset);
        (int position, long newEnd) = FindCut(_segments[number], offset);
        OpenSegment open = _segments[number].IsPinned ? _segments[number].Open! : _segments[number].Pin();
        long end = Cut(() => TruncateInside(number, open, position, newEnd));
        if (end < _logStartOffset)
            TruncateFullyAndStartAt(_logStartOffset);
        return _logEndOffset;
    }

    /// <summary>Drops everything and starts again at an offset.</summary>
    /// <exception cref="DiskException">The disk failed; the log is failed then.</exception>
    public void TruncateFullyAndStartAt(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        Cut(() =>
        {
            DeleteSegmentsFrom(0);
            DeleteSnapshotsBeyond(-1);
            Producers.Clear();
            LogSegment fresh = SegmentFactory.Create(_environment, Directory, offset, Settings, nowMs: 0);
            MakeActive([fresh], fresh, fresh.Open!);
            LeaderEpochs.Clear();
            Volatile.Write(ref _logStartOffset, offset);
            return offset;
        });
    }

    /// <summary>
    /// Moves the log start (DeleteRecords, or a leader's start at a follower); never backwards, never beyond the log end. What must not come
    /// back after a crash is in the checkpoint before it is moved here.
    /// </summary>
    /// <returns>The log start after it.</returns>
    /// <exception cref="DiskException">The disk failed, which is more than that it is full; the log start has moved nevertheless.</exception>
    public long AdvanceLogStart(long offset)
    {
        long start = Math.Min(offset, _logEndOffset);
        if (start > _logStartOffset)
        {
            Volatile.Write(ref _logStartOffset, start);
            LeaderEpochs.TruncateFromStart(start);
        }

        return _logStartOffset;
    }

    private long Cut(Func<long> cut)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (Failure is { } failure)
            throw failure;
        try
        {
            // From here on no flush that began before may move the durable end.
            lock (_state)
            {
                _generation++;
                _isDirectorySyncOwed = true;
            }

            long end = cut();
            QuarantineFile.Write(_environment.Disk, Directory, _segments);
            return end;
        }
        catch (DiskException error)
        {
            throw Fail(error);
        }
        finally
        {
            _hints.Clear();
        }
    }

    private long TruncateInside(int number, OpenSegment open, int position, long newEnd)
    {
        LogSegment segment = _segments[number];
        SetLogEnd(newEnd);
        DeleteSegmentsFrom(number + 1);
        segment.SizeInBytes = position;
        open.File.Truncate(position);
        SyncCut(open.File);
        open.Offsets.TruncateTo(newEnd);
        open.Times.TruncateTo(newEnd);
        open.Offsets.Entries.FileBytes = open.Times.Entries.FileBytes = -1;
        segment.Damage = [.. segment.Damage.Where(damage => damage.FromOffset < newEnd)];
        segment.Progress = LogRecovery.ReadProgress(_environment, segment, open);
        segment.MaxTimestamp = segment.Progress.Max;
        segment.Verified.CutAt(position);
        MakeActive(_segments[..(number + 1)], segment, open);
        LeaderEpochs.TruncateFromEnd(newEnd);
        DeleteSnapshotsBeyond(newEnd);
        ReloadProducers(newEnd);
        return newEnd;
    }

    /// <summary>
    /// The batch that holds an offset, or the first after it: where it begins, and its base offset. What cannot be read there goes too: the replica fetches
    /// it anew.
    /// </summary>
    private (int Position, long Offset) FindCut(LogSegment segment, long offset)
    {
        (long position, long end) = FindBatch(segment, offset);
        foreach (SegmentDamage damage in segment.Damage)
        {
            if (damage.ToOffset > offset)
                (position, end) = (Math.Min(position, damage.Position), Math.Min(end, damage.FromOffset));
        }

        return ((int)position, end);
    }

    private (long Position, long Offset) FindBatch(LogSegment segment, long offset)
    {
        OpenSegment lease = segment.Lease();
        try
        {
            using var scanner = new BatchScanner(
                _environment, lease.File, lease.Offsets.PositionFor(offset), segment.SizeInBytes, segment.BaseOffset, verifyCrc: false)
            {
                StepsOverDamageOf = segment,
            };
            while (scanner.Next() == ScanStep.Batch)
            {
                if (scanner.Header.LastOffset >= offset)
                    return (scanner.Position, Math.Min(offset, scanner.Header.BaseOffset));
            }

            return (scanner.Position, offset);
        }
        finally
        {
            lease.Release();
        }
    }

    /// <summary>Newest first, so that a stop half-way leaves no hole.</summary>
    private void DeleteSegmentsFrom(int number)
    {
        for (int i = _segments.Length - 1; i >= number; i--)
        {
            LogSegment segment = _segments[i];
            lock (_state)
            {
                _awaitingSync.Remove(segment);
            }

            Retire(segment);
            SegmentFactory.DeleteFiles(_environment.Disk, segment);
        }

        _environment.Disk.SyncDirectory(Directory);
    }

    private void MakeActive(LogSegment[] segments, LogSegment active, OpenSegment open)
    {
        lock (_state)
        {
            _awaitingSync.Remove(active);
            Volatile.Write(ref _segments, segments);
            _activeOpen = open;
        }

        if (segments.Length == 1 && active.SizeInBytes == 0)
            SetLogEnd(active.BaseOffset);
    }

    /// <summary>
    /// A cut is made durable, or a power loss could bring back what was cut in the place of what is appended next; and not before the
    /// segments in front of it, or the power loss could leave a hole there.
    /// </summary>
    private void SyncCut(IDiskFile file)
    {
        LogSegment[] before;
        lock (_state)
        {
            before = [.. _awaitingSync];
        }

        foreach (LogSegment segment in before)
            SyncSealed(segment);
        file.Sync(dataOnly: false);
    }

    private void SetLogEnd(long end)
    {
        lock (_state)
        {
            Volatile.Write(ref _logEndOffset, end);
            Volatile.Write(ref _durableEndOffset, Math.Min(_durableEndOffset, end));
        }
    }
}
