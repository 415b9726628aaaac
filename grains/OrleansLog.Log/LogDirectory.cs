using OrleansLog.Protocol;

namespace OrleansLog.Log;

/// <summary>Whose log directory it is to be, for <see cref="LogDirectory.Open"/>.</summary>
/// <param name="NodeId">This broker's <c>node.id</c>.</param>
/// <param name="ClusterId">The cluster's id; null where it is not known yet, any is accepted then.</param>
/// <param name="NewDirectoryId">The directory id to give to a directory that has none.</param>
/// <param name="BootId">The machine's boot id, as text; empty where there is none (then no stop counts as harmless, D11).</param>
public readonly record struct LogDirectoryIdentity(int NodeId, string? ClusterId, Uuid NewDirectoryId, string BootId);

/// <summary>Why a directory could not be opened.</summary>
public enum LogDirectoryProblem
{
    /// <summary>Another process holds <c>.lock</c>.</summary>
    Locked,

    /// <summary><c>meta.properties</c> names another <c>node.id</c>.</summary>
    WrongNode,

    /// <summary><c>meta.properties</c> names another <c>cluster.id</c>.</summary>
    WrongCluster,

    /// <summary><c>meta.properties</c> cannot be understood.</summary>
    BadMetaProperties,
}

/// <summary>A log directory is not this broker's to use; the message says why and what to do.</summary>
public sealed class LogDirectoryException(LogDirectoryProblem problem, string path, string message) : IOException(message)
{
    /// <summary>Why.</summary>
    public LogDirectoryProblem Problem { get; } = problem;

    /// <summary>The directory.</summary>
    public string Path { get; } = path;
}

/// <summary>What a directory inside a log directory is.</summary>
public enum PartitionDirectoryKind
{
    /// <summary>A partition: <c>topic-0</c>.</summary>
    Partition,

    /// <summary>Being deleted: <c>topic-0.UNIQUE-delete</c>.</summary>
    Delete,

    /// <summary>Assigned to nobody: <c>topic-0.UNIQUE-stray</c>.</summary>
    Stray,

    /// <summary>Being moved between directories: <c>topic-0.UNIQUE-future</c>.</summary>
    Future,
}

/// <summary>One partition's directory.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Name">The partition.</param>
/// <param name="Kind">What it is.</param>
public readonly record struct PartitionDirectory(string Path, TopicPartitionName Name, PartitionDirectoryKind Kind);

/// <summary>
/// One of <c>log.dirs</c>: its lock, identity, markers and checkpoints. Not safe for concurrent use but for <see cref="State"/>.
/// </summary>
public sealed class LogDirectory : IDisposable
{
    private LogDirectory() => throw new NotImplementedException();

    /// <summary>
    /// Takes the lock, reads or writes <c>meta.properties</c>, reads the markers of the last run and removes the clean one.
    /// </summary>
    /// <exception cref="LogDirectoryException">It is not this broker's to use.</exception>
    /// <exception cref="DiskException">The disk failed.</exception>
    public static LogDirectory Open(IDisk disk, string path, LogDirectoryIdentity identity) => throw new NotImplementedException();

    /// <summary>The directory.</summary>
    public string Path => throw new NotImplementedException();

    /// <summary>Its id, from <c>meta.properties</c>; goes into the broker's registration and its assignments (D11).</summary>
    public Uuid DirectoryId => throw new NotImplementedException();

    /// <summary>Whether <c>meta.properties</c> was missing: the directory is new, or was wiped or swapped.</summary>
    public bool IsNew => throw new NotImplementedException();

    /// <summary>The cluster id; null until <see cref="SetClusterId"/>.</summary>
    public string? ClusterId => throw new NotImplementedException();

    /// <summary>Whether the last run left the clean-shutdown marker.</summary>
    public bool WasCleanShutdown => throw new NotImplementedException();

    /// <summary>No marker, and the boot id changed or is unknown: what was not synced may be gone (D11).</summary>
    public bool MayHaveLostUnsynced => throw new NotImplementedException();

    /// <summary>The broker epoch of the last run, from the clean marker or the session file; -1 where unknown.</summary>
    public long PreviousBrokerEpoch => throw new NotImplementedException();

    /// <summary><c>recovery-point-offset-checkpoint</c>.</summary>
    public OffsetCheckpoint RecoveryPoints => throw new NotImplementedException();

    /// <summary><c>replication-offset-checkpoint</c>: high watermarks.</summary>
    public OffsetCheckpoint HighWatermarks => throw new NotImplementedException();

    /// <summary><c>log-start-offset-checkpoint</c>.</summary>
    public OffsetCheckpoint LogStartOffsets => throw new NotImplementedException();

    /// <summary>Why the directory is offline; null while it is online.</summary>
    public DiskException? OfflineReason => throw new NotImplementedException();

    /// <summary>Takes it offline until restart (S8); the first reason stays.</summary>
    public void MarkOffline(DiskException reason) => throw new NotImplementedException();

    /// <summary>Writes the cluster id into <c>meta.properties</c>, once it is known.</summary>
    public void SetClusterId(string clusterId) => throw new NotImplementedException();

    /// <summary>Writes the broker epoch of this run beside the boot id, in <c>orleanslog.session</c>.</summary>
    public void RecordBrokerEpoch(long brokerEpoch) => throw new NotImplementedException();

    /// <summary>The partitions' directories, those being deleted, strays; other names are left alone.</summary>
    public IReadOnlyList<PartitionDirectory> ListPartitions() => throw new NotImplementedException();

    /// <summary>Where a partition lives, or would live, in this directory.</summary>
    public string PartitionPath(TopicPartitionName name) => throw new NotImplementedException();

    /// <summary>Creates a partition's directory with its <c>partition.metadata</c>, durably.</summary>
    public string CreatePartition(TopicPartitionName name, Uuid topicId) => throw new NotImplementedException();

    /// <summary>The topic id in a partition's <c>partition.metadata</c>; null where the file is missing.</summary>
    /// <exception cref="CheckpointFormatException">The file is not what it has to be.</exception>
    public Uuid? ReadTopicId(string partitionPath) => throw new NotImplementedException();

    /// <summary>Renames a closed partition's directory to <c>-delete</c>, durably; the caller deletes it later.</summary>
    public string MarkForDelete(TopicPartitionName name, Uuid unique) => throw new NotImplementedException();

    /// <summary>Renames a partition's directory to <c>-stray</c>, durably: on disk, but assigned to nobody here.</summary>
    public string MarkAsStray(TopicPartitionName name, Uuid unique) => throw new NotImplementedException();

    /// <summary>Deletes a <c>-delete</c> directory and all in it.</summary>
    public void DeletePartition(string path) => throw new NotImplementedException();

    /// <summary>Writes the clean marker, after every log was closed clean and the checkpoints were written.</summary>
    public void MarkCleanShutdown(long brokerEpoch) => throw new NotImplementedException();

    /// <summary>Lets go of the lock.</summary>
    public void Dispose() => throw new NotImplementedException();
}
