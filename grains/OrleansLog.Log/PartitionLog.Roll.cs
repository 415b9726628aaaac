namespace OrleansLog.Log;

public sealed partial class PartitionLog
{
    /// <summary>Closes the active segment and starts a new one; nothing happens when it is empty.</summary>
    /// <param name="nowMs">The time, in milliseconds since the Unix epoch.</param>
    /// <exception cref="DiskException">The disk failed; the log goes on in the old segment.</exception>
    public void Roll(long nowMs)
    {
        if (Active.SizeInBytes > 0)
            RollTo(_logEndOffset, nowMs, isUndoable: false);
    }

    /// <summary>
    /// Rolls if the active segment has had its first record for longer than <c>segment.ms</c>; for partitions that get no appends. Told by the clock
    /// alone: timestamps roll where records are appended, next to each other's, and those of a backfill are old from the start. True if it rolled.
    /// </summary>
    /// <param name="nowMs">The time, in milliseconds since the Unix epoch.</param>
    /// <exception cref="DiskException">The disk failed; the log goes on in the old segment.</exception>
    public bool RollIfAged(long nowMs)
    {
        if (Active.SizeInBytes == 0 || nowMs - Active.BegunMs <= Settings.SegmentMs - Settings.SegmentJitterMs)
            return false;
        Roll(nowMs);
        return true;
    }

    /// <param name="baseOffset">Where the new segment begins.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="isUndoable">An append is under way that may fail yet: the old segment stays open until it has not.</param>
    private void RollTo(long baseOffset, long nowMs, bool isUndoable)
    {
        LogSegment old = Active;
        if (old.SizeInBytes == 0 && old.BaseOffset == baseOffset)
            return;
        old.SealIndexes(_environment.Disk, _activeOpen);
        TakeSnapshot(baseOffset);
        LogSegment segment = SegmentFactory.Create(_environment, Directory, baseOffset, Settings, nowMs);
        lock (_state)
        {
            _awaitingSync.Add(old);
            _isRollUndoable = isUndoable;
            _isDirectorySyncOwed = true;
            Volatile.Write(ref _segments, [.. _segments, segment]);
            _activeOpen = segment.Open!;
        }
    }

    private void KeepRolls()
    {
        lock (_state)
        {
            _isRollUndoable = false;
        }
    }

    /// <summary>Undoes rolls of an append that failed: the segments that it began go, the one before them is active again.</summary>
    private void DropNewSegments(LogSegment[] before, OpenSegment open)
    {
        LogSegment[] after = _segments;
        if (after.Length == before.Length)
            return;
        lock (_state)
        {
            Volatile.Write(ref _segments, before);
            _activeOpen = open;
            foreach (LogSegment segment in after[(before.Length - 1)..])
                _awaitingSync.Remove(segment);
            _isRollUndoable = false;
        }

        foreach (LogSegment segment in after[before.Length..])
        {
            Retire(segment);
            SegmentFactory.DeleteFiles(_environment.Disk, segment);
        }

        _environment.Disk.SyncDirectory(Directory);
    }
}
