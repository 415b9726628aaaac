using OrleansLog.Protocol;

namespace OrleansLog.Log;

/// <summary>
/// One of <c>log.dirs</c>: its lock, identity, markers and checkpoints. Not safe for concurrent use but for
/// <see cref="OfflineReason"/> and <see cref="MarkOffline"/>.
/// </summary>
public sealed class LogDirectory : IDisposable
{
    private const string LockName = ".lock";

    /// <summary>From here on one sync of the whole file system waits for less than three of each partition.</summary>
    private const int ManyPartitions = 8;

    private readonly IDisk _disk;
    private readonly IDisposable _lock;
    private readonly ShutdownMarkers _markers;
    private readonly string _bootId;
    private MetaProperties _meta;
    private long _brokerEpoch;
    private bool _isRecovered;
    private bool _isEveryLogKnown;
    private DiskException? _offlineReason;

    private LogDirectory(IDisk disk, string path, IDisposable lockFile, MetaProperties meta, bool isNew, string bootId)
    {
        _disk = disk;
        _lock = lockFile;
        _meta = meta;
        _bootId = bootId;
        _markers = new ShutdownMarkers(disk, path);
        Path = path;
        IsNew = isNew;
        RecoveryPoints = Checkpoint("recovery-point-offset-checkpoint");
        HighWatermarks = Checkpoint("replication-offset-checkpoint");
        LogStartOffsets = Checkpoint("log-start-offset-checkpoint");
        (string lastBootId, long sessionEpoch) = _markers.ReadSession();
        WasCleanShutdown = _markers.HasCleanMarker || (isNew && ListPartitions().Count == 0);
        MayHaveLostUnsynced = !WasCleanShutdown && (bootId.Length == 0 || lastBootId != bootId);
        PreviousBrokerEpoch = _markers.HasCleanMarker && _markers.ReadCleanBrokerEpoch() is >= 0 and var clean ? clean : sessionEpoch;
        _brokerEpoch = PreviousBrokerEpoch;
        _isRecovered = !MayHaveLostUnsynced;
        _isEveryLogKnown = WasCleanShutdown;
    }

    /// <summary>
    /// Takes the lock, reads or writes <c>meta.properties</c>, and reads the markers of the last run. The clean one stays until
    /// <see cref="BeginRun"/>: a start that fails before has not made the stop unclean.
    /// </summary>
    /// <param name="disk">The disk.</param>
    /// <param name="path">The directory; created if missing.</param>
    /// <param name="identity">Whose it is to be.</param>
    /// <exception cref="LogDirectoryException">It is not this broker's to use.</exception>
    /// <exception cref="DiskException">The disk failed.</exception>
    public static LogDirectory Open(IDisk disk, string path, LogDirectoryIdentity identity)
    {
        disk.CreateDirectory(path);
        IDisposable lockFile = disk.TryLock(System.IO.Path.Combine(path, LockName)) ?? throw new LogDirectoryException(
            LogDirectoryProblem.Locked, path, $"Log directory '{path}' is in use by another process (its .lock is held). Stop that one, or give this one another directory.");
        try
        {
            MetaProperties? found = ReadMeta(disk, path);
            MetaProperties meta = Check(found, path, identity);
            if (meta != found)
                meta.Write(disk, MetaPath(path));
            return new LogDirectory(disk, path, lockFile, meta, found is null, identity.BootId);
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>Its id, from <c>meta.properties</c>; goes into the broker's registration and its assignments (D11).</summary>
    public Uuid DirectoryId => _meta.DirectoryId;

    /// <summary>Whether <c>meta.properties</c> was missing: the directory is new, or was wiped or swapped.</summary>
    public bool IsNew { get; }

    /// <summary>The cluster id; null until <see cref="SetClusterId"/>.</summary>
    public string? ClusterId => _meta.ClusterId;

    /// <summary>Whether the last run left the clean-shutdown marker, or there was no run.</summary>
    public bool WasCleanShutdown { get; }

    /// <summary>No marker, and the boot id changed or is unknown: what was not synced may be gone (D11).</summary>
    public bool MayHaveLostUnsynced { get; }

    /// <summary>The broker epoch of the last run, from the clean marker or the session file; -1 where unknown.</summary>
    public long PreviousBrokerEpoch { get; }

    /// <summary><c>recovery-point-offset-checkpoint</c>.</summary>
    public OffsetCheckpoint RecoveryPoints { get; }

    /// <summary><c>replication-offset-checkpoint</c>: high watermarks.</summary>
    public OffsetCheckpoint HighWatermarks { get; }

    /// <summary><c>log-start-offset-checkpoint</c>.</summary>
    public OffsetCheckpoint LogStartOffsets { get; }

    /// <summary>Why the directory is offline; null while it is online.</summary>
    public DiskException? OfflineReason => Volatile.Read(ref _offlineReason);

    /// <summary>Takes it offline until restart (S8); the first reason stays.</summary>
    public void MarkOffline(DiskException reason) => Interlocked.CompareExchange(ref _offlineReason, reason, null);

    /// <summary>Whether the clean marker of the last run is gone for good. Until then no log may change: a power loss would look like a clean stop.</summary>
    public bool HasBegunRun { get; private set; }

    /// <summary>
    /// From here on a stop without the clean marker is unclean: removes the marker, then writes this run's boot id. In this order, as only
    /// the first is what the next run's trust hangs on; a boot id that is missing or old makes it more careful. Call before the first append.
    /// </summary>
    /// <exception cref="DiskException">The disk failed or is full; <see cref="HasBegunRun"/> says how far it came. May be called again.</exception>
    public void BeginRun()
    {
        _markers.RemoveCleanMarker();
        HasBegunRun = true;
        WriteSession();
    }

    /// <summary>Writes the cluster id into <c>meta.properties</c>, once it is known.</summary>
    public void SetClusterId(string clusterId)
    {
        if (_meta.ClusterId == clusterId)
            return;
        MetaProperties meta = _meta with { ClusterId = clusterId };
        meta.Write(_disk, MetaPath(Path));
        _meta = meta;
    }

    /// <summary>Writes the broker epoch of this run beside the boot id, in <c>orleanslog.session</c>.</summary>
    public void RecordBrokerEpoch(long brokerEpoch)
    {
        _brokerEpoch = brokerEpoch;
        WriteSession();
    }

    /// <summary>
    /// Every log that may have lost unsynced data was opened and looked at. Until then the session file carries no boot id and a stop leaves
    /// no clean marker, so that a run that ends before does not hide the loss from the next one (D11).
    /// </summary>
    public void MarkRecovered()
    {
        _isEveryLogKnown = true;
        if (_isRecovered)
            return;
        _isRecovered = true;
        WriteSession();
    }

    /// <summary>The partitions' directories, those being deleted, strays; other names are left alone.</summary>
    public IReadOnlyList<PartitionDirectory> ListPartitions()
    {
        var partitions = new List<PartitionDirectory>();
        foreach (DiskEntry entry in _disk.List(Path))
        {
            if (entry.IsDirectory && PartitionDirectory.TryParse(Path, entry.Name, out PartitionDirectory partition))
                partitions.Add(partition);
        }

        return partitions;
    }

    /// <summary>Where a partition lives, or would live, in this directory.</summary>
    public string PartitionPath(TopicPartitionName name) => System.IO.Path.Combine(Path, name.ToString());

    /// <summary>The partition's directory here, or null. One look at its name, however many others there are.</summary>
    public string? FindPartition(TopicPartitionName name) => PartitionPath(name) is var path && _disk.DirectoryExists(path) ? path : null;

    /// <summary>
    /// Creates a partition's directory with its <c>partition.metadata</c>, or writes that file anew in one that is there. Nothing of it is
    /// durable before <see cref="SyncPartitions"/>, and until then no checkpoint may name it.
    /// </summary>
    public string CreatePartition(TopicPartitionName name, Uuid topicId)
    {
        string path = PartitionPath(name);
        _disk.CreateDirectory(path);
        PartitionMetadata.Write(_disk, path, topicId);
        return path;
    }

    /// <summary>Makes partitions' directories that were created, and the names in them, durable: many in one wait where the platform can.</summary>
    public void SyncPartitions(IReadOnlyCollection<string> partitionPaths)
    {
        if (partitionPaths.Count >= ManyPartitions && _disk.TrySyncAll(Path))
            return;
        foreach (string path in partitionPaths)
            PartitionMetadata.Sync(_disk, path);
        _disk.SyncDirectory(Path);
    }

    /// <summary>The topic id in a partition's <c>partition.metadata</c>; null where the file is missing.</summary>
    /// <exception cref="CheckpointFormatException">The file is not what it has to be.</exception>
    public Uuid? ReadTopicId(string partitionPath) => PartitionMetadata.TryRead(_disk, partitionPath);

    /// <summary>Renames a closed partition's directory to <c>-delete</c>, durably; the caller deletes it later.</summary>
    /// <param name="name">The partition.</param>
    /// <param name="unique">Makes the name unique; any random value.</param>
    public string MarkForDelete(TopicPartitionName name, Uuid unique) => RenameAway(name, PartitionDirectoryKind.Delete, unique);

    /// <summary>Renames a partition's directory to <c>-stray</c>, durably: on disk, but assigned to nobody here.</summary>
    /// <param name="name">The partition.</param>
    /// <param name="unique">Makes the name unique; any random value.</param>
    public string MarkAsStray(TopicPartitionName name, Uuid unique) => RenameAway(name, PartitionDirectoryKind.Stray, unique);

    /// <summary>Deletes a <c>-delete</c> directory and all in it.</summary>
    /// <exception cref="ArgumentException">It is not one.</exception>
    public void DeletePartition(string path)
    {
        _disk.DeleteDirectory(MarkedForDelete(path));
        _disk.SyncDirectory(Path);
    }

    /// <summary>Deletes the files of a <c>-delete</c> directory and keeps the directory, which says that the partition was deleted, not lost.</summary>
    /// <exception cref="ArgumentException">It is not one.</exception>
    public void EmptyPartition(string path)
    {
        foreach (DiskEntry entry in _disk.List(MarkedForDelete(path)))
        {
            if (!entry.IsDirectory)
                _disk.Delete(System.IO.Path.Combine(path, entry.Name));
        }
    }

    /// <summary>
    /// Writes the clean marker, after every log was closed clean and the checkpoints were written. After an unclean stop not before
    /// <see cref="MarkRecovered"/>: what nobody looked at since is no cleaner than it was.
    /// </summary>
    /// <returns>False when the stop before was unclean and this run has not looked at every log.</returns>
    public bool MarkCleanShutdown(long brokerEpoch)
    {
        if (_isEveryLogKnown)
            _markers.WriteCleanMarker(brokerEpoch);
        return _isEveryLogKnown;
    }

    /// <summary>Lets go of the lock.</summary>
    public void Dispose() => _lock.Dispose();

    private void WriteSession() => _markers.WriteSession(_isRecovered ? _bootId : "", _brokerEpoch);

    private string MarkedForDelete(string path) =>
        PartitionDirectory.TryParse(Path, System.IO.Path.GetFileName(path), out PartitionDirectory directory) && directory.Kind == PartitionDirectoryKind.Delete
            ? directory.Path
            : throw new ArgumentException($"'{path}' is not marked for deletion.", nameof(path));

    private string RenameAway(TopicPartitionName name, PartitionDirectoryKind kind, Uuid unique)
    {
        string path = System.IO.Path.Combine(Path, PartitionDirectory.NameFor(name, kind, unique.ToGuid()));
        _disk.Rename(PartitionPath(name), path);
        _disk.SyncDirectory(Path);
        return path;
    }

    private OffsetCheckpoint Checkpoint(string name) => new(_disk, System.IO.Path.Combine(Path, name));

    private static string MetaPath(string path) => System.IO.Path.Combine(path, MetaProperties.FileName);

    private static MetaProperties? ReadMeta(IDisk disk, string path)
    {
        try
        {
            return MetaProperties.TryRead(disk, MetaPath(path));
        }
        catch (CheckpointFormatException error)
        {
            throw new LogDirectoryException(LogDirectoryProblem.BadMetaProperties, path, error.Message, error);
        }
    }

    private static MetaProperties Check(MetaProperties? found, string path, LogDirectoryIdentity identity)
    {
        if (found is null)
            return new MetaProperties(identity.NodeId, identity.ClusterId, identity.NewDirectoryId);
        if (found.NodeId != identity.NodeId)
            throw new LogDirectoryException(LogDirectoryProblem.WrongNode, path, $"Log directory '{path}' belongs to node.id {found.NodeId}, this broker is {identity.NodeId}. Start it with node.id={found.NodeId}, or give it another directory.");
        if (found.ClusterId is { } known && identity.ClusterId is { } wanted && known != wanted)
            throw new LogDirectoryException(LogDirectoryProblem.WrongCluster, path, $"Log directory '{path}' belongs to cluster {known}, this broker to {wanted}. Give it another directory, or empty this one if its records are not needed.");
        return found with
        {
            ClusterId = found.ClusterId ?? identity.ClusterId,
            DirectoryId = found.DirectoryId.IsZero ? identity.NewDirectoryId : found.DirectoryId,
        };
    }
}
