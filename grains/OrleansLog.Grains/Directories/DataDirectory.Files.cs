using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Maintenance;
using OrleansLog.Grains.Partitions;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Directories;

/// <summary>The checkpoints, markers and partition directories of one log directory. Blocking: called on threads for disk work.</summary>
internal sealed partial class DataDirectory
{
    private readonly CheckpointTable? _recoveryPoints;
    private readonly CheckpointTable? _highWatermarks;
    private readonly CheckpointTable? _logStarts;
    private readonly CoalescedWrite _recoveryPointWrite;
    private readonly CoalescedWrite _logStartWrite;
    private readonly Lock _knowing = new();
    private readonly NewPartitions _new = new();
    private List<string> _emptied = [];

    /// <summary>Whether meta.properties was missing: the directory is new, or was wiped or swapped (D11).</summary>
    public bool IsNew => _log?.IsNew ?? false;

    /// <summary>Whether the last run stopped cleanly.</summary>
    public bool WasCleanShutdown => _log?.WasCleanShutdown ?? false;

    /// <summary>Whether data that was not synced may be gone (D11).</summary>
    public bool MayHaveLostUnsynced => _log is { MayHaveLostUnsynced: true };

    /// <summary>Cluster that the directory belongs to, or null while it is fresh.</summary>
    public string? ClusterId => _log?.ClusterId;

    /// <summary>Broker epoch of the last run, or -1.</summary>
    public long PreviousBrokerEpoch => _log?.PreviousBrokerEpoch ?? -1;

    /// <summary>The partitions' directories in it.</summary>
    public IReadOnlyList<PartitionDirectory> List() => Files(static log => log.ListPartitions());

    /// <summary>The partition's directory here, or null.</summary>
    public string? FindPartition(TopicPartitionName name) => Files(log => log.FindPartition(name));

    /// <summary>The topic id in a partition's directory; null where it is not written.</summary>
    public Guid? ReadTopicId(string path) => Files(log => log.ReadTopicId(path)?.ToGuid());

    /// <summary>Makes a partition's directory, or notes whose it is in one that is there; not durable before <see cref="MakeKnownAsync"/>.</summary>
    public string CreatePartition(TopicPartitionName name, Guid topicId) => Files(log => log.CreatePartition(name, Uuid.FromGuid(topicId)));

    /// <summary>Renames a closed partition's directory to <c>-delete</c>; it is deleted later.</summary>
    public string MarkForDelete(TopicPartitionName name) => Files(log =>
    {
        var path = log.MarkForDelete(name, Uuid.FromGuid(Guid.NewGuid()));
        Forget(name);
        return path;
    });

    /// <summary>Renames a directory that is assigned to nobody here to <c>-stray</c>.</summary>
    public string MarkAsStray(TopicPartitionName name) => Files(log =>
    {
        var path = log.MarkAsStray(name, Uuid.FromGuid(Guid.NewGuid()));
        Forget(name);
        return path;
    });

    /// <summary>
    /// Deletes a <c>-delete</c> directory. The checkpoints no longer name it by then, so a new topic of its name is a new one. Where they
    /// cannot be written, as on a full disk, the files go all the same, to make room; the empty directory stays until they are.
    /// </summary>
    public void DeletePartition(string path)
    {
        if (WriteAll())
        {
            _log!.DeletePartition(path);
            return;
        }

        if (_log is null || _health == DirectoryHealth.Offline)
            return;

        _log.EmptyPartition(path);
        lock (_files)
            _emptied.Add(path);
    }

    /// <summary>Deletes the directories whose files went before the checkpoints could be written; call when they could be.</summary>
    public void DeleteEmptied()
    {
        List<string> emptied;
        lock (_files)
        {
            if (_emptied.Count == 0)
                return;

            (emptied, _emptied) = (_emptied, []);
        }

        foreach (var path in emptied)
            DeletePartition(path);
    }

    /// <summary>True when a checkpoint names the partition: it had a log here, so one that is missing was lost.</summary>
    public bool Knows(TopicPartitionName name) => _recoveryPoints!.Contains(name) || _highWatermarks!.Contains(name);

    /// <summary>Forgets a partition of that name whose directory was deleted before the checkpoints were written.</summary>
    public void Forget(TopicPartitionName name)
    {
        _recoveryPoints!.Forget(name);
        _highWatermarks!.Forget(name);
        _logStarts!.Forget(name);
    }

    /// <summary>What the checkpoints and markers say about a partition that is to be opened.</summary>
    public LogOpenContext OpenContextFor(TopicPartitionName name, long nowMs) => Files(log => new LogOpenContext
    {
        WasCleanShutdown = log.WasCleanShutdown,
        MayHaveLostUnsynced = log.MayHaveLostUnsynced,
        RecoveryPoint = _recoveryPoints!.Get(name),
        LogStartOffset = _logStarts!.Get(name),
        HighWatermark = _highWatermarks!.Get(name),
        NowMs = nowMs,
    });

    /// <summary>Every log that was lying here was opened: what a power loss took is known (D11).</summary>
    public bool MarkRecovered() => Guarded(log =>
    {
        lock (_files)
            log.MarkRecovered();
    });

    /// <summary>
    /// Completes when a partition that was opened is known: its directory is durable and the recovery points on disk name it, which tells a log
    /// that was lost from one that was never there (D11). Many new ones share the work; one that was known is at once. False when it failed.
    /// </summary>
    public async ValueTask<bool> MakeKnownAsync(Partition partition)
    {
        if (_recoveryPoints!.IsWritten(partition.Log.Name))
        {
            partition.HasDurableDirectory = true;
            return true;
        }

        _new.Add(partition);

        // Another write may have taken it, and failed before this one found nothing to do.
        return await _recoveryPointWrite.RunAsync().ConfigureAwait(false) && _recoveryPoints.IsWritten(partition.Log.Name);
    }

    /// <summary>Completes when the log starts are written; false when they could not be, and a crash would bring back the old ones.</summary>
    public Task<bool> WriteLogStartsAsync() => _logStartWrite.RunAsync();

    /// <summary>Writes the high watermarks.</summary>
    public bool WriteHighWatermarks() => Write(_highWatermarks, static partition => partition.HighWatermarkToWrite);

    /// <summary>Writes how far each log is on disk, and makes new partitions known with it.</summary>
    public bool WriteRecoveryPoints()
    {
        // One at a time: a second one would write before the first has synced what it took, and say that all is known.
        lock (_knowing)
            return Guarded(_new.Sync) & Write(_recoveryPoints, static partition => partition.Log.DurableEndOffset);
    }

    /// <summary>
    /// A log is about to be cut: a checkpoint that says more of it is committed is written anew first, or a crash in between would look like a
    /// loss (D15). False where it could not be.
    /// </summary>
    public bool LowerHighWatermark(Partition partition, long endOffset) => _highWatermarks!.HighestWritten(partition.Log.Name) <= endOffset || WriteHighWatermarks();

    /// <summary>
    /// A log was cut: a checkpoint that says more of it is on disk is written anew before anything is appended, or a start after a crash would not
    /// look at what takes the place of what was cut. False where it could not be.
    /// </summary>
    public bool LowerRecoveryPoint(Partition partition) =>
        _recoveryPoints!.HighestWritten(partition.Log.Name) <= partition.Log.DurableEndOffset || WriteRecoveryPoints();

    /// <summary>Writes where each log starts.</summary>
    public bool WriteLogStarts() => Write(_logStarts, static partition => partition.LogStartToWrite);

    /// <summary>Writes all checkpoints.</summary>
    public bool WriteAll() => WriteRecoveryPoints() & WriteLogStarts() & WriteHighWatermarks();

    /// <summary>Whether this stop can be a clean one: all is known of what the last one left.</summary>
    /// <param name="hasSkipped">Whether logs were left unopened.</param>
    public bool MayBecomeClean(bool hasSkipped) => WasCleanShutdown || !hasSkipped;

    /// <summary>
    /// Writes the clean marker: every log was closed with everything on disk, and the checkpoints say so. False where it could not be, or
    /// where this run has not opened all that an unclean stop left.
    /// </summary>
    public bool MarkCleanShutdown(long brokerEpoch)
    {
        var isMarked = false;
        return Guarded(log =>
        {
            lock (_files)
                isMarked = log.MarkCleanShutdown(brokerEpoch);
        }) && isMarked;
    }

    private CheckpointTable Read(OffsetCheckpoint file)
    {
        var table = new CheckpointTable(file);
        try
        {
            table.Read();
        }
        catch (CheckpointFormatException e)
        {
            // An unreadable checkpoint only costs time: without it whole logs are scanned.
            _broker.Logger.CheckpointUnreadable(file.Path, e);
        }

        return table;
    }

    private bool Write(CheckpointTable? table, Func<Partition, long> value) => Guarded(_ =>
    {
        foreach (var (_, partition) in _partitions)
        {
            if (partition.HasDurableDirectory)
                table!.Set(partition.Log.Name, value(partition));
        }

        table!.WriteIfChanged();
    }, table);

    private T Files<T>(Func<LogDirectory, T> call)
    {
        lock (_files)
            return call(_log ?? throw _reason!);
    }

    /// <summary>Small files that are written again soon: a full disk is no reason to stop, a failed one is.</summary>
    private bool Guarded(Action<LogDirectory> call, CheckpointTable? table = null)
    {
        if (_log is null || _health == DirectoryHealth.Offline)
            return false;

        try
        {
            call(_log);
            if (table is not null)
                table.HasFailed = false;

            return true;
        }
        catch (DiskException e)
        {
            if (table is not { HasFailed: true })
                _broker.Logger.CheckpointFailed(Path, e);

            if (table is not null)
                table.HasFailed = true;

            if (e.IsDiskFailure)
                MarkOffline(e);

            return false;
        }
    }
}
