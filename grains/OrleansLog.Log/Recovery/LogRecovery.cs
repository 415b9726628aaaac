using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

/// <summary>
/// Finds out what of a log is good (D15). A tail that is torn, or missing, goes if it lies above the checkpointed high
/// watermark. Below it, or with good batches behind it, it is damage: kept, named, refused to readers, and never written over.
/// </summary>
internal sealed partial class LogRecovery(
    LogEnvironment environment, string directory, LogSettings settings, LogOpenContext context, List<LogSegment> segments, LeaderEpochCache epochs)
{
    private readonly IDisk _disk = environment.Disk;
    private readonly List<SegmentScan> _scans = [];
    private readonly List<LeaderEpochEntry> _epochs = [];
    private SegmentScan? _activeScan;
    private long _bytesScanned;
    private long _bytesCut;

    /// <summary>The number of the first segment that was scanned; the number of segments where none was.</summary>
    internal int FirstScanned { get; private set; } = segments.Count;

    internal long LogEndOffset { get; private set; }

    internal long DurableEndOffset => context.WasCleanShutdown && !HasChangedFiles ? LogEndOffset : Math.Min(context.RecoveryPoint, LogEndOffset);

    /// <summary>What was scanned and is sealed: its index files were just written, whatever is durable of its records.</summary>
    internal IReadOnlyList<LogSegment> AwaitingSync => [.. segments.Skip(FirstScanned).Where(segment => segment != segments[^1])];

    internal long UnsyncedBytes => DurableEndOffset == LogEndOffset ? 0 : segments.Skip(FirstScanned).Sum(segment => (long)segment.SizeInBytes);

    internal int IndexesRebuilt { get; private set; }

    internal bool HasChangedFiles { get; private set; }

    /// <summary>
    /// Reads the segments from the one that holds the last offset below the one given on, all of them, with CRCs. Where that is a
    /// segment's last, the segment may have been rolled since its records were synced, and its index files were not.
    /// </summary>
    internal void Scan(long fromOffset)
    {
        FirstScanned = Math.Max(0, segments.FindLastIndex(segment => segment.BaseOffset < fromOffset));
        for (int i = FirstScanned; i < segments.Count; i++)
        {
            LogSegment segment = segments[i];
            OpenSegment lease = segment.Lease();
            try
            {
                SegmentScan scan = RunScan(segment, lease.File, i + 1 < segments.Count ? segments[i + 1].BaseOffset : context.HighWatermark);
                _scans.Add(scan);
                if (segment != segments[^1])
                    TakeOverIndexes(segment, lease, scan, isSealed: true);
            }
            finally
            {
                lease.Release();
            }
        }

        epochs.ReplaceFrom(segments[FirstScanned].BaseOffset, _epochs);
    }

    /// <summary>After a clean stop only the headers behind the last index entry are read, to find the end; all of the segment, where they do not follow each other.</summary>
    internal void TrustAllButTheTail()
    {
        LogSegment last = segments[^1];
        OpenSegment lease = last.Lease();
        try
        {
            using var scanner = new BatchScanner(
                environment, lease.File, lease.Offsets.Last.Position, last.SizeInBytes, last.BaseOffset, verifyCrc: false, windowBytes: 64 * 1024)
            {
                StepsOverDamageOf = last,
            };
            LogEndOffset = last.BaseOffset;
            bool isInOrder = true;
            ScanStep step;
            while ((step = scanner.Next()) == ScanStep.Batch)
            {
                RecordBatchHeader header = scanner.Header;
                isInOrder &= header.BaseOffset == LogEndOffset || last.Damage.Any(known => known.ToOffset == header.BaseOffset)
                    || (scanner.Position > 0 && header.LastOffset == lease.Offsets.Last.Offset);
                LogEndOffset = header.NextOffset;
            }

            bool isWhole = (isInOrder || settings.IsCompacted) && step == ScanStep.End && (last.SizeInBytes == 0 || lease.Offsets.Last.Offset < LogEndOffset);
            if (!isWhole && !last.Damage.Any(damage => damage.EndPosition >= last.SizeInBytes))
                Scan(last.BaseOffset + 1);
        }
        finally
        {
            lease.Release();
        }
    }

    /// <summary>Decides what the scans mean: cut, or damage; and where the log ends.</summary>
    internal void SettleTheEnd()
    {
        if (_scans.Count > 0)
            SettleScans();
        long floor = Math.Max(LogEndOffset, context.LogStartOffset);
        LogSegment last = segments[^1];
        if (context.HighWatermark > floor && !last.Damage.Any(damage => damage.ToOffset >= context.HighWatermark))
        {
            AddDamage(last, new SegmentDamage(DamageKind.Missing, last.SizeInBytes, last.SizeInBytes, floor, context.HighWatermark));
            floor = context.HighWatermark;
        }

        floor = Math.Max(floor, last.Damage.Select(damage => damage.ToOffset).DefaultIfEmpty(0).Max());
        bool startsAfresh = floor > LogEndOffset || last.Damage.Any(damage => damage.EndPosition >= last.SizeInBytes && last.SizeInBytes > 0);
        LogEndOffset = floor;
        if (startsAfresh && !(last.SizeInBytes == 0 && last.BaseOffset == floor))
            StartAfresh();
        if (HasChangedFiles)
            QuarantineFile.Write(_disk, directory, segments);
    }

    /// <summary>Makes the last segment the active one: pinned, with indexes and what appending continues from.</summary>
    internal void OpenActive()
    {
        LogSegment last = segments[^1];
        OpenSegment open = last.IsPinned ? last.Open! : last.Pin();
        if (_activeScan is { } scan)
        {
            TakeOverIndexes(last, open, scan, isSealed: false);
            last.Progress = scan.Progress;
            return;
        }

        last.Progress = ReadProgress(environment, last, open);
        last.MaxTimestamp = last.Progress.Max;
        last.Verified.TrustFrom(last.SizeInBytes);
    }

    internal LogRecoveryReport Report(int indexesRebuilt, IReadOnlyList<string> staleFiles, bool leaderEpochsRebuilt) => new()
    {
        SegmentsScanned = _scans.Count,
        BytesScanned = _bytesScanned,
        BytesCut = _bytesCut,
        IndexesRebuilt = indexesRebuilt,
        StaleFiles = staleFiles,
        LeaderEpochsRebuilt = leaderEpochsRebuilt,
        Damage = [.. segments.SelectMany(segment => segment.Damage.Select(damage =>
            new LogDamage(damage.Kind, segment.LogPath, damage.Position, damage.FromOffset, damage.ToOffset)))],
    };
}
