namespace OrleansLog.Log;

/// <summary>
/// Opens a partition's directory: cleans up, takes the segments in, scans what a stop may have hurt (see
/// <see cref="LogRecovery"/>), and says where the log begins and ends.
/// </summary>
internal sealed class LogOpener(
    LogEnvironment environment, string directory, TopicPartitionName name, LogSettings settings, LogOpenContext context)
{
    private readonly IDisk _disk = environment.Disk;

    internal PartitionLog Open()
    {
        _disk.CreateDirectory(directory);
        var stale = new StaleFiles(environment, directory);
        IReadOnlyList<DiskEntry> entries = stale.CleanUp();
        var epochs = new LeaderEpochCache(_disk, Path.Combine(directory, SegmentFiles.LeaderEpochs));
        bool epochsAreGood = epochs.TryLoad();
        IReadOnlyList<QuarantineFile.Entry>? quarantine = QuarantineFile.TryRead(_disk, directory);
        List<LogSegment> segments = TakeIn(entries);
        bool isNew = segments.Count == 0;
        if (isNew)
            segments.Add(SegmentFactory.Create(environment, directory, context.LogStartOffset, settings, context.NowMs));
        foreach (QuarantineFile.Entry entry in quarantine ?? [])
        {
            if (segments.Find(segment => segment.BaseOffset == entry.SegmentBaseOffset) is { } segment)
                segment.Damage = [.. segment.Damage, entry.Damage];
        }

        var recovery = new LogRecovery(environment, directory, settings, context, segments, epochs);
        bool scanAll = !epochsAreGood || quarantine is null;
        if (scanAll)
            recovery.Scan(0);
        else if (!context.WasCleanShutdown)
            recovery.Scan(context.RecoveryPoint);
        else
            recovery.TrustAllButTheTail();
        recovery.SettleTheEnd();
        long logStart = Math.Max(context.LogStartOffset, segments[0].BaseOffset);
        DropBelow(segments, logStart);
        int rebuilt = recovery.IndexesRebuilt + RebuildMissingIndexes(segments, entries, recovery.FirstScanned);
        DeleteSnapshotsBeyond(entries, recovery.LogEndOffset);
        recovery.OpenActive();
        Check(epochs, logStart, recovery.LogEndOffset, isNew);
        var producers = new ProducerStates(environment.MaxProducersPerPartition, context.NowMs);
        LogSegment[] found = [.. segments];
        var producerRecovery = new ProducerRecovery(environment, directory, found, producers);
        long snapshotOffset = producerRecovery.Run(recovery.LogEndOffset);
        return new PartitionLog(environment, directory, name, settings, epochs, new OpenedLog
        {
            Segments = found,
            Producers = producers,
            SnapshotOffset = snapshotOffset,
            LogStartOffset = logStart,
            LogEndOffset = recovery.LogEndOffset,
            DurableEndOffset = recovery.DurableEndOffset,
            AwaitingSync = recovery.AwaitingSync,
            UnsyncedBytes = recovery.UnsyncedBytes,
            // What the process before left in the page cache is nobody's promise yet: names as well as bytes.
            IsDirectorySyncOwed = !context.WasCleanShutdown || isNew || stale.Handled.Count > 0 || recovery.HasChangedFiles,
            Report = recovery.Report(rebuilt, stale.Handled, leaderEpochsRebuilt: !epochsAreGood) with
            {
                ProducerSnapshotsDropped = producerRecovery.Dropped,
            },
        });
    }

    private List<LogSegment> TakeIn(IReadOnlyList<DiskEntry> entries)
    {
        var segments = new List<LogSegment>();
        foreach (DiskEntry entry in entries)
        {
            if (!SegmentFiles.TryParse(entry.Name, out long baseOffset, out string suffix) || suffix != SegmentFiles.Log)
                continue;
            segments.Add(new LogSegment(environment, directory, baseOffset, Math.Min(entry.LastWriteMs, context.NowMs))
            {
                IndexIntervalBytes = settings.IndexIntervalBytes,
                SizeInBytes = (int)Math.Min(entry.Length, int.MaxValue),
                LastWriteMs = entry.LastWriteMs,
            });
        }

        segments.Sort((left, right) => left.BaseOffset.CompareTo(right.BaseOffset));
        return segments;
    }

    /// <summary>Damage that DeleteRecords or retention has since passed hides nothing any more.</summary>
    private static void DropBelow(List<LogSegment> segments, long logStart)
    {
        foreach (LogSegment segment in segments)
            segment.Damage = [.. segment.Damage.Where(damage => damage.ToOffset > logStart)];
    }

    private static int RebuildMissingIndexes(List<LogSegment> segments, IReadOnlyList<DiskEntry> entries, int firstScanned)
    {
        HashSet<string> names = [.. entries.Select(entry => entry.Name)];
        int rebuilt = 0;
        foreach (LogSegment segment in segments.Take(firstScanned))
        {
            if (names.Contains(SegmentFiles.Name(segment.BaseOffset, SegmentFiles.Index))
                && names.Contains(SegmentFiles.Name(segment.BaseOffset, SegmentFiles.TimeIndex)))
                continue;
            rebuilt++;
            if (segment == segments[^1])
                continue;
            OpenSegment lease = segment.Lease();
            lease.RebuildIndexes();
            lease.Release();
        }

        return rebuilt;
    }

    private void DeleteSnapshotsBeyond(IReadOnlyList<DiskEntry> entries, long logEndOffset)
    {
        foreach (DiskEntry entry in entries)
        {
            if (SegmentFiles.TryParse(entry.Name, out long offset, out string suffix) && suffix == SegmentFiles.Snapshot && offset > logEndOffset)
                _disk.Delete(Path.Combine(directory, entry.Name));
        }
    }

    /// <summary>The history of epochs may not claim more than the log holds.</summary>
    private static void Check(LeaderEpochCache epochs, long logStart, long logEnd, bool isNew)
    {
        if (isNew && epochs.Entries.Count > 0 && logEnd == logStart)
            return;
        epochs.TruncateFromEnd(logEnd);
        epochs.TruncateFromStart(logStart);
    }
}
