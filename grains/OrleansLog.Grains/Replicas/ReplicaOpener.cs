using Microsoft.Extensions.Logging;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Directories;
using OrleansLog.Grains.Partitions;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Replicas;

/// <summary>Finds or makes the log of a replica and opens it; blocking, on the threads for recovery.</summary>
internal sealed class ReplicaOpener(LogEnvironment environment, LogDirectories directories, AppenderPool appenders, BrokerContext broker)
{
    /// <summary>Opens the log of a replica; null when it was here once and is gone (D11).</summary>
    /// <exception cref="DiskException">The disk failed, or has no room.</exception>
    public Partition? Open(ReplicaKey key, TopicPartition name, Guid assignedDirectory, PartitionSettings settings)
    {
        var logName = new TopicPartitionName(name.Topic, name.Partition);
        var directory = FindExisting(key, logName, assignedDirectory, out var path) ?? MakeNew(key, logName, assignedDirectory, out path);
        if (directory is null)
            return null;

        try
        {
            return OpenIn(directory, path!, key, logName, settings);
        }
        catch (DiskException e)
        {
            directory.OnOpenError(e, name);
            throw;
        }
    }

    private Partition OpenIn(DataDirectory directory, string path, ReplicaKey key, TopicPartitionName name, PartitionSettings settings)
    {
        var context = directory.OpenContextFor(name, broker.NowMs);
        var log = PartitionLog.Open(environment, path, name, settings.Log, context);

        // What recovery found is in the page cache; under `ack` it counts only once it is on disk (D4).
        if (settings.FlushPolicy == FlushPolicy.Ack && log.UnflushedMessages > 0 && log.Flush().Error is { } error)
        {
            log.Dispose();
            throw error;
        }

        var partition = new Partition(key, log, directory, settings, context.HighWatermark, broker, appenders.Next(), appenders.Admission);
        Report(partition, log.RecoveryReport);
        directory.Add(partition);
        return partition;
    }

    /// <summary>Where the replica's log lies: where it is assigned, or in another directory that an operator moved it to.</summary>
    private DataDirectory? FindExisting(ReplicaKey key, TopicPartitionName name, Guid assignedDirectory, out string? path)
    {
        foreach (var directory in directories.Online.OrderByDescending(directory => directory.Id == assignedDirectory))
        {
            path = directory.FindPartition(name);
            if (path is null)
                continue;

            var topicId = TopicIdOf(directory, name, path);
            if (topicId is null || topicId == key.TopicId)
            {
                if (topicId is null)
                    directory.CreatePartition(name, key.TopicId);
                if (directory.Id == assignedDirectory)
                    ForgetElsewhere(directory, name);

                return directory;
            }

            // A topic of the same name that was deleted while this broker was away.
            var strayPath = directory.MarkAsStray(name);
            broker.Logger.StrayFound(path, strayPath);
        }

        path = null;
        return null;
    }

    /// <summary>Null where it is not written, or was half written when the power went, before the partition took any record.</summary>
    private static Guid? TopicIdOf(DataDirectory directory, TopicPartitionName name, string path)
    {
        try
        {
            return directory.ReadTopicId(path);
        }
        catch (CheckpointFormatException) when (!directory.Knows(name))
        {
            return null;
        }
    }

    /// <summary>A log that was moved, and whose move the controller has taken, is not missed where it was before.</summary>
    private void ForgetElsewhere(DataDirectory directory, TopicPartitionName name)
    {
        foreach (var other in directories.Online)
        {
            if (other != directory)
                other.Forget(name);
        }
    }

    private DataDirectory? MakeNew(ReplicaKey key, TopicPartitionName name, Guid assignedDirectory, out string? path)
    {
        path = null;
        var directory = assignedDirectory == DirectoryIds.Unassigned ? directories.Emptiest() : directories.Find(assignedDirectory);

        // Never an empty log in the place of one that may have held acknowledged records (D11).
        if (directory is null)
        {
            broker.Logger.ReplicaLost(new TopicPartition(name.Topic, name.Partition), Uuid.FromGuid(assignedDirectory), name.Topic, name.Partition);
            return null;
        }

        if (directories.Online.FirstOrDefault(online => online.Knows(name)) is { } before)
        {
            broker.Logger.FolderMissing(new TopicPartition(name.Topic, name.Partition), before.Path);
            return null;
        }

        path = directory.CreatePartition(name, key.TopicId);
        return directory;
    }

    private void Report(Partition partition, LogRecoveryReport report)
    {
        broker.Logger.PartitionOpened(partition.Name, partition.Directory.Path, partition.Log.LogStartOffset, partition.Log.LogEndOffset);
        if (report.BytesCut > 0 || (report.SegmentsScanned + report.IndexesRebuilt > 0 && partition.Log.SizeInBytes > 0))
        {
            // A scan after kill -9 is routine; bytes that went are not.
            var level = report.BytesCut > 0 ? LogLevel.Warning : LogLevel.Information;
            broker.Logger.PartitionRecovered(level, partition.Name, report.SegmentsScanned, report.BytesCut, report.IndexesRebuilt);
        }

        if (report.ProducerSnapshotsDropped > 0)
            broker.Logger.ProducerSnapshotsDropped(partition.Name, report.ProducerSnapshotsDropped);

        foreach (var damage in report.Damage)
            partition.ReportDamage(damage);
    }
}
