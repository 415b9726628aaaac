namespace OrleansLog.Log;

internal sealed partial class LogRecovery
{
    internal const string Quarantined = ".quarantined";

    private SegmentScan RunScan(LogSegment segment, IDiskFile file, long endOffsetMax)
    {
        var scan = new SegmentScan(environment, segment, file, settings, segment.SizeInBytes, endOffsetMax, (epoch, offset) => _epochs.Add(new LeaderEpochEntry(epoch, offset)));
        scan.Run();
        _bytesScanned += scan.BytesRead;
        // The scan finds again what is in the bytes; what is missing behind them only the quarantine file knows.
        segment.Damage = [.. scan.Damage, .. segment.Damage.Where(known => known.FromOffset == scan.NextOffset)];
        segment.HasHoles = scan.HasHoles;
        HasChangedFiles |= scan.Damage.Count > 0;
        return scan;
    }

    private void TakeOverIndexes(LogSegment segment, OpenSegment open, SegmentScan scan, bool isSealed)
    {
        IndexesRebuilt += HasLength(segment, SegmentFiles.Index, scan.Offsets.Entries) && HasLength(segment, SegmentFiles.TimeIndex, scan.Times.Entries) ? 0 : 1;
        if (isSealed)
        {
            IndexFile.Replace(_disk, segment.PathOf(SegmentFiles.Index), scan.Offsets.Entries);
            IndexFile.Replace(_disk, segment.PathOf(SegmentFiles.TimeIndex), scan.Times.Entries);
        }
        else
        {
            scan.Offsets.Entries.FileBytes = scan.Times.Entries.FileBytes = -1;
        }

        open.UseIndexes(scan.Offsets, scan.Times);
        scan.IsTakenOver = true;
        segment.MaxTimestamp = scan.Progress.Max;
        segment.Verified.Add(0, segment.SizeInBytes);
    }

    private void SettleScans()
    {
        int lastGood = Math.Max(0, _scans.FindLastIndex(scan => !scan.IsEmpty));
        for (int i = 0; i < lastGood; i++)
            JudgeInside(segments[FirstScanned + i], _scans[i], segments[FirstScanned + i + 1].BaseOffset);

        LogSegment segment = segments[FirstScanned + lastGood];
        SegmentScan tail = _scans[lastGood];
        LogEndOffset = tail.NextOffset;
        if (LogEndOffset >= context.HighWatermark)
            CutTail(segment, tail);
        else if (!segment.Damage.Any(known => known.FromOffset == tail.NextOffset))
            AddDamage(segment, new SegmentDamage(
                tail.BadTail ?? DamageKind.Missing, tail.GoodEnd, segment.SizeInBytes, LogEndOffset, context.HighWatermark));

        for (int i = _scans.Count - 1; i > lastGood; i--)
        {
            LogSegment later = segments[FirstScanned + i];
            bool isFreshRoll = i == lastGood + 1 && later.SizeInBytes == 0
                && later.BaseOffset == Math.Max(LogEndOffset, segment.Damage.Select(damage => damage.ToOffset).DefaultIfEmpty(0).Max());
            if (!isFreshRoll)
                SetAside(FirstScanned + i);
        }

        SegmentScan last = _scans[^1];
        _activeScan = last.IsTakenOver ? null : last;
    }

    /// <summary>A segment with good batches in later ones: what is wrong in it is corruption, whatever the high watermark says.</summary>
    private void JudgeInside(LogSegment segment, SegmentScan scan, long nextBaseOffset)
    {
        if (scan.NextOffset >= nextBaseOffset || segment.Damage.Any(known => known.FromOffset == scan.NextOffset))
            return;
        bool mayHaveHoles = settings.IsCompacted || _scans.Exists(static one => one.HasHoles);
        if (scan.BadTail is { } kind)
            AddDamage(segment, new SegmentDamage(kind, scan.GoodEnd, segment.SizeInBytes, scan.NextOffset, nextBaseOffset));
        else if (!mayHaveHoles)
            AddDamage(segment, new SegmentDamage(DamageKind.Missing, scan.GoodEnd, scan.GoodEnd, scan.NextOffset, nextBaseOffset));
    }

    private void CutTail(LogSegment segment, SegmentScan scan)
    {
        if (scan.BadTail is null)
            return;
        using (IDiskFile file = _disk.Open(segment.LogPath, DiskOpen.ReadWrite))
            file.Truncate(scan.GoodEnd);
        _bytesCut += segment.SizeInBytes - scan.GoodEnd;
        segment.SizeInBytes = (int)scan.GoodEnd;
        segment.Damage = [.. segment.Damage.Where(damage => damage.Position < scan.GoodEnd)];
        HasChangedFiles = true;
    }

    /// <summary>A segment behind the end without one good batch: deleted above the high watermark, kept under another name below it.</summary>
    private void SetAside(int number)
    {
        LogSegment segment = segments[number];
        if (segment.SizeInBytes > 0 && LogEndOffset < context.HighWatermark)
            _disk.Rename(segment.LogPath, segment.LogPath + Quarantined);
        else
            _bytesCut += segment.SizeInBytes;
        environment.Segments.Remove(segment);
        segment.CloseHandle();
        SegmentFactory.DeleteFiles(_disk, segment);
        segments.RemoveAt(number);
        _scans[number - FirstScanned].ReleaseIndexes();
        _scans.RemoveAt(number - FirstScanned);
        HasChangedFiles = true;
    }

    private void AddDamage(LogSegment segment, SegmentDamage damage)
    {
        segment.Damage = [.. segment.Damage, damage];
        HasChangedFiles = true;
    }

    private void StartAfresh()
    {
        LogSegment last = segments[^1];
        if (last.IsPinned)
        {
            last.Unpin();
        }
        else if (_activeScan is { } scan)
        {
            OpenSegment lease = last.Lease();
            TakeOverIndexes(last, lease, scan, isSealed: true);
            lease.Release();
            _activeScan = null;
        }

        segments.Add(SegmentFactory.Create(environment, directory, LogEndOffset, settings, context.NowMs));
        HasChangedFiles = true;
    }

    internal static IndexProgress ReadProgress(LogEnvironment environment, LogSegment segment, OpenSegment open)
    {
        var progress = new IndexProgress { Max = open.Times.Last };
        using (var first = new BatchScanner(environment, open.File, 0, segment.SizeInBytes, segment.BaseOffset, verifyCrc: false, windowBytes: 4096))
        {
            if (first.Next() == ScanStep.Batch)
                progress.FirstTimestampMs = first.Header.MaxTimestamp;
        }

        using var scanner = new BatchScanner(
            environment, open.File, open.Offsets.Last.Position, segment.SizeInBytes, segment.BaseOffset, verifyCrc: false, windowBytes: 64 * 1024);
        while (scanner.Next() == ScanStep.Batch)
        {
            progress.BytesSinceEntry += scanner.Header.SizeInBytes;
            if (scanner.Header.MaxTimestamp > progress.Max.TimestampMs)
                progress.Max = new TimestampOffset(scanner.Header.MaxTimestamp, scanner.Header.LastOffset);
        }

        return progress;
    }

    private bool HasLength(LogSegment segment, string suffix, EntryBuffer entries)
    {
        string path = segment.PathOf(suffix);
        return _disk.FileExists(path) && _disk.FileLength(path) == entries.LengthInBytes;
    }
}
