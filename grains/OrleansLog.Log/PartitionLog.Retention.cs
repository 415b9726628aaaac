namespace OrleansLog.Log;

public sealed partial class PartitionLog
{
    /// <summary>
    /// Renames whole segments that are past <c>retention.ms</c> or <c>retention.bytes</c>, or below the log start, to <c>.deleted</c>;
    /// never records at or above the high watermark. Without <c>delete</c> in <c>cleanup.policy</c> only what is below the log start goes (D16).
    /// </summary>
    /// <param name="nowMs">The time, in milliseconds since the Unix epoch.</param>
    /// <param name="highWatermark">The high watermark.</param>
    public RetentionResult ApplyRetention(long nowMs, long highWatermark)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        var renamed = new List<string>();
        int count = 0;
        long bytes = 0;
        DiskException? error = null;
        try
        {
            count = CountExpired(nowMs, highWatermark);
            if (count == _segments.Length)
                RollTo(_logEndOffset, nowMs, isUndoable: false);
            LogSegment[] expired = _segments[..count];
            if (count > 0)
                Publish(expired);
            foreach (LogSegment segment in expired)
            {
                bytes += segment.SizeInBytes;
                RenameAway(segment, renamed);
            }

            if (expired.Any(segment => segment.Damage.Length > 0))
                QuarantineFile.Write(_environment.Disk, Directory, _segments);
        }
        catch (DiskException failure)
        {
            error = failure;
        }

        return new RetentionResult
        {
            FilesToDelete = renamed,
            SegmentsDeleted = count,
            BytesDeleted = bytes,
            LogStartOffset = _logStartOffset,
            Error = error,
        };
    }

    private int CountExpired(long nowMs, long highWatermark)
    {
        LogSettings settings = Settings;
        long excess = settings.RetentionBytes < 0 ? 0 : SizeInBytes - settings.RetentionBytes;
        int count = 0;
        for (; count < _segments.Length; count++)
        {
            LogSegment segment = _segments[count];
            bool isLast = count == _segments.Length - 1;
            long end = isLast ? _logEndOffset : _segments[count + 1].BaseOffset;
            if (end > highWatermark || (isLast && segment.SizeInBytes == 0))
                break;
            bool isBelowStart = !isLast && end <= _logStartOffset;
            bool isTooOld = settings.IsDeleted && settings.RetentionMs >= 0 && nowMs - NewestMs(segment) > settings.RetentionMs;
            bool isTooMuch = settings.IsDeleted && settings.RetentionBytes >= 0 && excess >= segment.SizeInBytes;
            if (!isBelowStart && !isTooOld && !isTooMuch)
                break;
            excess -= segment.SizeInBytes;
        }

        return count;
    }

    private static long NewestMs(LogSegment segment) =>
        segment.MaxTimestamp.TimestampMs is >= 0 and var newest ? newest : segment.LastWriteMs;

    /// <summary>Readers find the new log start first; then the files may go.</summary>
    private void Publish(LogSegment[] expired)
    {
        LogSegment[] rest = _segments[expired.Length..];
        lock (_state)
        {
            foreach (LogSegment segment in expired)
                _awaitingSync.Remove(segment);
            _isDirectorySyncOwed = true;
            Volatile.Write(ref _logStartOffset, Math.Max(_logStartOffset, rest[0].BaseOffset));
            Volatile.Write(ref _segments, rest);
        }

        LeaderEpochs.TruncateFromStart(_logStartOffset);
    }

    private void RenameAway(LogSegment segment, List<string> renamed)
    {
        segment.IsRetired = true;
        IDisk disk = _environment.Disk;
        foreach (string suffix in SegmentFiles.OfSegment)
        {
            string path = segment.PathOf(suffix);
            if (!disk.FileExists(path))
                continue;
            disk.Rename(path, path + SegmentFiles.Deleted);
            renamed.Add(path + SegmentFiles.Deleted);
        }

        Retire(segment);
    }
}
