using System.Collections.Concurrent;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Disk;
using OrleansLog.Grains.Flushing;
using OrleansLog.Grains.Maintenance;
using OrleansLog.Grains.Partitions;
using OrleansLog.Log;

namespace OrleansLog.Grains.Directories;

/// <summary>One of <c>log.dirs</c> while the broker runs: its health (S8), its flush thread, the partitions that live in it.</summary>
internal sealed partial class DataDirectory : IDisposable
{
    private readonly BrokerContext _broker;
    private readonly Lock _files = new();
    private readonly Lock _healthGate = new();
    private readonly LogDirectory? _log;
    private readonly ConcurrentDictionary<TopicPartition, Partition> _partitions = new();
    private volatile DirectoryHealth _health;
    private volatile DiskException? _reason;

    /// <summary>A directory that was opened.</summary>
    public DataDirectory(LogDirectory log, BrokerContext broker, WorkThreads threads)
        : this(log.Path, broker, threads)
    {
        _log = log;
        Id = log.DirectoryId.ToGuid();
        _recoveryPoints = Read(log.RecoveryPoints);
        _highWatermarks = Read(log.HighWatermarks);
        _logStarts = Read(log.LogStartOffsets);
    }

    /// <summary>A directory that failed when it was to be opened; the others serve (JBOD).</summary>
    public DataDirectory(string path, DiskException reason, BrokerContext broker, WorkThreads threads)
        : this(path, broker, threads)
    {
        _health = DirectoryHealth.Offline;
        _reason = reason;
    }

    private DataDirectory(string path, BrokerContext broker, WorkThreads threads)
    {
        _broker = broker;
        _recoveryPointWrite = new CoalescedWrite(threads, WriteRecoveryPoints);
        _logStartWrite = new CoalescedWrite(threads, WriteLogStarts);
        Path = path;
        Flusher = new Flusher(System.IO.Path.GetFileName(path));
    }

    /// <summary>Raised once when the directory goes offline, on the thread that met the error.</summary>
    public event Action<DataDirectory>? WentOffline;

    /// <summary>Raised when the disk is found full, on the thread that met the error.</summary>
    public event Action<DataDirectory>? BecameFull;

    /// <summary>Raised when a full disk has room again.</summary>
    public event Action<DataDirectory>? Resumed;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Directory id of its meta.properties; empty when it could not be read.</summary>
    public Guid Id { get; }

    /// <summary>Its fsync thread.</summary>
    public Flusher Flusher { get; }

    /// <summary>Whether it can be written.</summary>
    public DirectoryHealth Health => _health;

    /// <summary>True while appends are refused.</summary>
    public bool RefusesAppends => _health != DirectoryHealth.Online;

    /// <summary>The disk's error behind its health.</summary>
    public DiskException? Reason => _reason;

    /// <summary>The partitions that are open in it.</summary>
    public IReadOnlyCollection<Partition> Partitions => (IReadOnlyCollection<Partition>)_partitions.Values;

    /// <summary>Its health in words, safe to show to a client.</summary>
    public string StatusMessage => _health switch
    {
        DirectoryHealth.Full when _reason is { Kind: not DiskErrorKind.NoSpace } reason =>
            $"the log directory could not note that this run began ({reason.Kind}); appends resume when it can.",
        DirectoryHealth.Full => "the disk is full; appends resume when there is room again (orleanslog.disk.free.min.bytes).",
        DirectoryHealth.Offline => $"the log directory is offline until the broker restarts ({_reason?.Kind}).",
        _ => "the log directory is online.",
    };

    /// <summary>A partition was opened in it.</summary>
    public void Add(Partition partition)
    {
        _partitions[partition.Name] = partition;
        if (_health == DirectoryHealth.Offline)
            partition.GoOffline();
    }

    /// <summary>A partition was closed.</summary>
    public void Remove(Partition partition) => _partitions.TryRemove(new(partition.Name, partition));

    /// <summary>A write failed. A full disk refuses appends, a lack of handles only this one, anything else ends the directory.</summary>
    public void OnWriteError(DiskException error, Partition partition)
    {
        if (error.Kind == DiskErrorKind.TooManyFiles && partition.Log.Failure is null)
            OnOutOfHandles(_broker.UsesWithoutHandle, "an append to", partition.Name);
        else if (error.Kind == DiskErrorKind.NoSpace && partition.Log.Failure is null)
            MarkFull(error);
        else
            MarkOffline(error);
    }

    /// <summary>A sync failed: the dirty pages may be gone, so whatever the error, nothing here may be acknowledged again.</summary>
    public void OnFlushError(DiskException error, Partition partition)
    {
        _broker.Logger.FlushFailed(partition.Name, error);
        MarkOffline(error);
    }

    /// <summary>A read failed; only a failed disk ends the directory, a missing file or a lack of handles ends the one read.</summary>
    public void OnReadError(DiskException error, Partition partition)
    {
        if (error.Kind == DiskErrorKind.TooManyFiles)
        {
            OnOutOfHandles(_broker.UsesWithoutHandle, "a read of", partition.Name);
            return;
        }

        _broker.Logger.ReadFailed(partition.Name, error);
        if (error.Kind is DiskErrorKind.Io or DiskErrorKind.ReadOnly)
            MarkOffline(error);
    }

    /// <summary>A log could not be opened; a failed disk ends the directory, anything else only means to try again.</summary>
    public void OnOpenError(DiskException error, TopicPartition partition)
    {
        if (error.Kind == DiskErrorKind.TooManyFiles)
        {
            OnOutOfHandles(_broker.OpensWithoutHandle, "the opening of", partition);
            return;
        }

        _broker.Logger.OpenFailed(partition, error);
        if (error.Kind is DiskErrorKind.Io or DiskErrorKind.ReadOnly)
            MarkOffline(error);
    }

    private void OnOutOfHandles(Complaints complaints, string what, TopicPartition partition)
    {
        if (complaints.TryPass(out var others))
            _broker.Logger.OutOfHandles(what, partition, FileHandles.Limit, others);
    }

    /// <summary>Looks whether a full disk has room again; true when appends go on.</summary>
    public bool TryResume(IDisk disk, long freeMinBytes)
    {
        if (_health != DirectoryHealth.Full)
            return false;

        try
        {
            // On a small disk the floor would be out of reach: a twentieth of it is enough there.
            var space = disk.Space(Path);
            if (space.AvailableBytes < Math.Min(freeMinBytes, space.TotalBytes / 20))
                return false;

            if (!TryBeginRun())
                return false;

            lock (_healthGate)
            {
                if (_health != DirectoryHealth.Full)
                    return false;

                _health = DirectoryHealth.Online;
                _reason = null;
            }

            _broker.Logger.DiskHasRoomAgain(Path, space.AvailableBytes);
            Resumed?.Invoke(this);
            return true;
        }
        catch (DiskException e)
        {
            _broker.Logger.SpaceUnknown(Path, e);
            return false;
        }
    }

    /// <summary>Ends the flush thread and lets go of the directory.</summary>
    public void Dispose()
    {
        Flusher.Dispose();
        _log?.Dispose();
    }

    private void MarkFull(DiskException error)
    {
        lock (_healthGate)
        {
            if (_health != DirectoryHealth.Online)
                return;

            _health = DirectoryHealth.Full;
            _reason = error;
        }

        _broker.Logger.DiskFull(Path, error);
        BecameFull?.Invoke(this);
    }

    private void MarkOffline(DiskException error)
    {
        lock (_healthGate)
        {
            if (_health == DirectoryHealth.Offline)
                return;

            _health = DirectoryHealth.Offline;
            _reason = error;
            _log?.MarkOffline(error);
        }

        _broker.Logger.DirectoryOffline(Path, error);
        foreach (var partition in _partitions.Values)
            partition.GoOffline();

        WentOffline?.Invoke(this);
    }
}
