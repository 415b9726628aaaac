using Microsoft.Extensions.Logging;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Diagnostics;

/// <summary>What the broker logs, with event ids from 2000.</summary>
internal static partial class BrokerLog
{
    [LoggerMessage(2000, LogLevel.Error, "Background work on {Thread} failed")]
    public static partial void BackgroundWorkFailed(this ILogger logger, string thread, Exception error);

    [LoggerMessage(2010, LogLevel.Critical, "Log directory {Path} is OFFLINE until the broker restarts: its partitions answer KAFKA_STORAGE_ERROR")]
    public static partial void DirectoryOffline(this ILogger logger, string path, Exception error);

    [LoggerMessage(2011, LogLevel.Error, "The disk of {Path} is full: appends are refused until there is room again")]
    public static partial void DiskFull(this ILogger logger, string path, Exception error);

    [LoggerMessage(2012, LogLevel.Information, "The disk of {Path} has room again ({AvailableBytes} bytes): appends go on")]
    public static partial void DiskHasRoomAgain(this ILogger logger, string path, long availableBytes);

    [LoggerMessage(2013, LogLevel.Warning, "Free space of {Path} cannot be told")]
    public static partial void SpaceUnknown(this ILogger logger, string path, Exception error);

    [LoggerMessage(2014, LogLevel.Error, "Too many open files: {What} {Partition} failed, and may work later; raise the process's limit, which is {Limit} (ulimit -n, LimitNOFILE) ({Others} more such lines held back)")]
    public static partial void OutOfHandles(this ILogger logger, string what, TopicPartition partition, int limit, int others);

    [LoggerMessage(2015, LogLevel.Critical, "Sync of {Partition} failed: what was not on disk may be gone, nothing of it is acknowledged")]
    public static partial void FlushFailed(this ILogger logger, TopicPartition partition, Exception error);

    [LoggerMessage(2016, LogLevel.Error, "Read of {Partition} failed")]
    public static partial void ReadFailed(this ILogger logger, TopicPartition partition, Exception error);

    [LoggerMessage(2017, LogLevel.Warning, "Checkpoint {Path} is unreadable and is written anew; logs are scanned from their start")]
    public static partial void CheckpointUnreadable(this ILogger logger, string path, Exception error);

    [LoggerMessage(2018, LogLevel.Warning, "A small file of log directory {Path} could not be written; it is tried again")]
    public static partial void CheckpointFailed(this ILogger logger, string path, Exception error);

    [LoggerMessage(2019, LogLevel.Information, "Log directory {Path} is open: id {DirectoryId}, last stop {LastStop}, {Partitions} partitions")]
    public static partial void DirectoryOpen(this ILogger logger, string path, Uuid directoryId, string lastStop, int partitions);

    [LoggerMessage(2044, LogLevel.Error, "Log directory {Path} could not note that this run began: it takes no records before it has")]
    public static partial void RunNotNoted(this ILogger logger, string path, Exception error);

    [LoggerMessage(2020, LogLevel.Information, "Partition {Partition} opened in {Path}: offsets {LogStart} to {LogEnd}")]
    public static partial void PartitionOpened(this ILogger logger, TopicPartition partition, string path, long logStart, long logEnd);

    [LoggerMessage(EventId = 2021, Message = "Partition {Partition} was recovered: {Segments} segments scanned, {BytesCut} bytes cut from the tail, {Indexes} indexes built anew")]
    public static partial void PartitionRecovered(this ILogger logger, LogLevel level, TopicPartition partition, int segments, long bytesCut, int indexes);

    [LoggerMessage(2022, LogLevel.Critical, "Partition {Partition} is damaged: {Damage}")]
    public static partial void PartitionDamaged(this ILogger logger, TopicPartition partition, string damage);

    [LoggerMessage(2023, LogLevel.Critical, "Replica {Partition} stays OFFLINE: its log is in directory {DirectoryId}, which is not among log.dirs or cannot be used. "
        + "Bring that directory back and restart, or give its records up: olog partition accept-loss {Topic} {Number}. Before that no empty log takes its place")]
    public static partial void ReplicaLost(this ILogger logger, TopicPartition partition, Uuid directoryId, string topic, int number);

    [LoggerMessage(2024, LogLevel.Error, "Replica {Partition} could not be opened; it is tried again")]
    public static partial void OpenFailed(this ILogger logger, TopicPartition partition, Exception error);

    [LoggerMessage(2025, LogLevel.Information, "Partition {Partition} is deleted here; its files go after the delay")]
    public static partial void PartitionDeleted(this ILogger logger, TopicPartition partition);

    [LoggerMessage(2026, LogLevel.Warning, "Directory {Path} is of a partition that is not assigned to its place; renamed to {StrayPath}")]
    public static partial void StrayFound(this ILogger logger, string path, string strayPath);

    [LoggerMessage(2027, LogLevel.Information, "Topic {Topic} has settings that cannot be used here, the broker's stand in: {Problems}")]
    public static partial void TopicConfigProblems(this ILogger logger, string topic, string problems);

    [LoggerMessage(2028, LogLevel.Information, "Retention deleted {Segments} segments ({Bytes} bytes) of {Partition}; it starts at {LogStart} now")]
    public static partial void RetentionDeleted(this ILogger logger, TopicPartition partition, int segments, long bytes, long logStart);

    [LoggerMessage(2029, LogLevel.Warning, "{Path} could not be deleted")]
    public static partial void DeleteFailed(this ILogger logger, string path, Exception error);

    [LoggerMessage(2030, LogLevel.Information, "Broker {BrokerId} opened {Directories} log directories")]
    public static partial void BrokerOpened(this ILogger logger, int brokerId, int directories);

    [LoggerMessage(2031, LogLevel.Information, "Broker {BrokerId} stopped in {ElapsedMs} ms with {Partitions} partitions, {Outcome}")]
    public static partial void BrokerStopped(this ILogger logger, int brokerId, long elapsedMs, int partitions, string outcome);

    [LoggerMessage(2032, LogLevel.Warning, "The controller did not take the directories of {Count} replicas ({Error}); tried again")]
    public static partial void AssignmentFailed(this ILogger logger, int count, ErrorCode error);

    [LoggerMessage(2033, LogLevel.Warning, "Replica {Key} could not be activated; the next call to it does")]
    public static partial void ActivationFailed(this ILogger logger, ReplicaKey key, Exception error);

    [LoggerMessage(2034, LogLevel.Error, "Log directory {Path} cannot be opened; the broker runs without it")]
    public static partial void DirectoryUnusable(this ILogger logger, string path, Exception error);

    [LoggerMessage(2035, LogLevel.Critical, "Replica {Partition} stays OFFLINE: its folder was taken out of log directory {Path}, which is online. "
        + "Put the folder back and restart, or delete the topic; no empty log takes its place")]
    public static partial void FolderMissing(this ILogger logger, TopicPartition partition, string path);

    [LoggerMessage(2036, LogLevel.Warning, "Replica {Partition} is no longer in log directory {Path}, which is offline; it is opened in directory {DirectoryId}")]
    public static partial void ReplicaLeftDirectory(this ILogger logger, TopicPartition partition, string path, Uuid directoryId);

    [LoggerMessage(2037, LogLevel.Warning, "Settings that were changed while the brokers run cannot be used here, those of the start stand in: {Problems}")]
    public static partial void BrokerConfigProblems(this ILogger logger, string problems);

    [LoggerMessage(2038, LogLevel.Warning, "Settings that were changed while the brokers run: {Notices}")]
    public static partial void BrokerConfigNotices(this ILogger logger, string notices);

    [LoggerMessage(2041, LogLevel.Warning, "{Partition} forgot {Count} producer ids to stay within orleanslog.producer.ids.per.partition.max; batches that those send again may be stored twice")]
    public static partial void ProducersEvicted(this ILogger logger, TopicPartition partition, long count);

    [LoggerMessage(2042, LogLevel.Warning, "{Partition} had {Count} damaged producer snapshots; they were dropped and built again from the batches")]
    public static partial void ProducerSnapshotsDropped(this ILogger logger, TopicPartition partition, int count);

    [LoggerMessage(2043, LogLevel.Warning, "Work of this broker has waited {WaitedMs} ms for a thread of .NET's thread pool ({Threads} threads, {Waiting} work items wait): "
        + "its clients wait as long. Calls that block need threads of their own, or the pool a larger minimum: docs/operate/thread-pool.md")]
    public static partial void ThreadPoolStarves(this ILogger logger, long waitedMs, int threads, long waiting);

    [LoggerMessage(2045, LogLevel.Critical, "Partition {Partition} is OFFLINE until the broker restarts: {Work} failed in a way that is an error of the broker itself. "
        + "The other partitions serve on; please report it")]
    public static partial void PartitionFailed(this ILogger logger, TopicPartition partition, string work, Exception error);

    [LoggerMessage(2050, LogLevel.Warning, "Replica {Partition} went back from offset {Before} to {After}: what it had more is not in the log of its leader of epoch {LeaderEpoch}")]
    public static partial void ReplicaTruncated(this ILogger logger, TopicPartition partition, long before, long after, int leaderEpoch);

    [LoggerMessage(2058, LogLevel.Warning, "Replica {Partition} went back from offset {Before} to {After}, where its log is damaged, and fetches what follows anew from its leader of epoch {LeaderEpoch}")]
    public static partial void ReplicaRepaired(this ILogger logger, TopicPartition partition, long before, long after, int leaderEpoch);

    [LoggerMessage(EventId = 2054, Message = "Partition {Partition} is led by this broker from leader epoch {LeaderEpoch} and offset {Offset} on; in sync: {Isr}")]
    public static partial void PartitionLed(this ILogger logger, LogLevel level, TopicPartition partition, int leaderEpoch, long offset, string isr);

    [LoggerMessage(EventId = 2055, Message = "Partition {Partition} follows broker {LeaderId} in leader epoch {LeaderEpoch}")]
    public static partial void PartitionFollows(this ILogger logger, LogLevel level, TopicPartition partition, int leaderId, int leaderEpoch);

    [LoggerMessage(EventId = 2056, Message = "Replicas in sync of partition {Partition}: {Isr} (before: {Before})")]
    public static partial void IsrChanged(this ILogger logger, LogLevel level, TopicPartition partition, string isr, string before);

    [LoggerMessage(2051, LogLevel.Error, "Replica {Partition} cannot take what its leader sent: {Reason}; it asks again")]
    public static partial void ReplicaAnswerUnusable(this ILogger logger, TopicPartition partition, string reason);

    [LoggerMessage(2052, LogLevel.Warning, "The controller could not be asked for the ISRs of {Count} partitions ({Reason}); it is asked again")]
    public static partial void IsrRequestFailed(this ILogger logger, int count, string reason);

    [LoggerMessage(2053, LogLevel.Debug, "The controller could not be told that broker {BrokerId} is not reached ({Reason}); it is tried again")]
    public static partial void ReportFailed(this ILogger logger, int brokerId, string reason);

    [LoggerMessage(EventId = 2040, Message = "The scrub has read all segments: {Bytes} bytes of {Partitions} partitions in {Duration}, {Damaged} damaged places")]
    public static partial void ScrubPassEnded(this ILogger logger, LogLevel level, long bytes, int partitions, TimeSpan duration, int damaged);
}
