using System.Diagnostics.Metrics;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Maintenance;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Directories;

/// <summary>All <c>log.dirs</c> of the broker (JBOD): one that fails is left out, one that is not ours ends the start.</summary>
internal sealed class LogDirectories : IDisposable
{
    private readonly IDisk _disk;

    private LogDirectories(IDisk disk, IReadOnlyList<DataDirectory> all)
    {
        _disk = disk;
        All = all;
    }

    /// <summary>Every configured directory, in configured order.</summary>
    public IReadOnlyList<DataDirectory> All { get; }

    /// <summary>Those that are not offline.</summary>
    public IEnumerable<DataDirectory> Online => All.Where(directory => directory.Health != DirectoryHealth.Offline);

    /// <summary>Cluster id that they carry, or null while all are fresh.</summary>
    public string? ClusterId => All.Select(directory => directory.ClusterId).FirstOrDefault(id => id is not null);

    /// <summary>Opens every directory; takes the locks.</summary>
    /// <exception cref="LogDirectoryException">One is locked by another process, or belongs to another broker or cluster.</exception>
    /// <exception cref="DiskException">None could be opened.</exception>
    public static LogDirectories Open(IDisk disk, IReadOnlyList<string> paths, int nodeId, string bootId, BrokerContext broker, WorkThreads threads)
    {
        var all = new List<DataDirectory>();
        try
        {
            string? clusterId = null;
            foreach (var path in paths)
            {
                var directory = OpenOne(disk, path, new(nodeId, clusterId, Uuid.FromGuid(Guid.NewGuid()), bootId), broker, threads);
                clusterId ??= directory.ClusterId;
                all.Add(directory);
            }

            if (all.All(directory => directory.Health == DirectoryHealth.Offline))
                throw all[0].Reason!;

            return new LogDirectories(disk, all);
        }
        catch
        {
            foreach (var directory in all)
                directory.Dispose();

            throw;
        }
    }

    /// <summary>The online directory of an id, or null.</summary>
    public DataDirectory? Find(Guid id) => Online.FirstOrDefault(directory => directory.Id == id);

    /// <summary>Where a new partition goes: the directory with the fewest partitions, then the fewest bytes.</summary>
    public DataDirectory? Emptiest() => All
        .Where(directory => directory.Health == DirectoryHealth.Online)
        .OrderBy(directory => directory.Partitions.Count)
        .ThenBy(directory => directory.Partitions.Sum(partition => partition.Log.SizeInBytes))
        .FirstOrDefault();

    /// <summary>What DescribeLogDirs answers.</summary>
    public LogDirDescription[] Describe() => [.. All.Select(Describe)];

    /// <summary>Appends go on where a full disk has room again.</summary>
    public void TryResume(long freeMinBytes)
    {
        foreach (var directory in All)
            directory.TryResume(_disk, freeMinBytes);
    }

    /// <summary>Room in each directory's file system, where that can be told.</summary>
    public IEnumerable<Measurement<long>> FreeBytes()
    {
        foreach (var directory in All)
        {
            if (SpaceOf(directory) is { } space)
                yield return new Measurement<long>(space.AvailableBytes, TagOf(directory));
        }
    }

    /// <summary>Which directories are full.</summary>
    public IEnumerable<Measurement<int>> Full() =>
        All.Select(directory => new Measurement<int>(directory.Health == DirectoryHealth.Full ? 1 : 0, TagOf(directory)));

    /// <summary>Why no directory takes records, or null where one does.</summary>
    public string? WhyNoneTakesRecords => All.All(directory => directory.RefusesAppends)
        ? string.Join("; ", All.Select(directory => $"{directory.Path}: {directory.StatusMessage}"))
        : null;

    public void Dispose()
    {
        foreach (var directory in All)
            directory.Dispose();
    }

    private static KeyValuePair<string, object?> TagOf(DataDirectory directory) => new("directory", directory.Path);

    /// <summary>Null where the directory is offline or the figure cannot be had: it is for the eye.</summary>
    private DiskSpace? SpaceOf(DataDirectory directory)
    {
        try
        {
            return directory.Health == DirectoryHealth.Offline ? null : _disk.Space(directory.Path);
        }
        catch (DiskException)
        {
            return null;
        }
    }

    private static DataDirectory OpenOne(IDisk disk, string path, LogDirectoryIdentity identity, BrokerContext broker, WorkThreads threads)
    {
        try
        {
            var directory = new DataDirectory(LogDirectory.Open(disk, path, identity), broker, threads);
            var lastStop = directory.IsNew ? "none" : directory.WasCleanShutdown ? "clean"
                : directory.MayHaveLostUnsynced ? "unclean, with a reboot since" : "unclean";
            broker.Logger.DirectoryOpen(path, Uuid.FromGuid(directory.Id), lastStop, directory.List().Count);
            return directory;
        }
        catch (DiskException e)
        {
            broker.Logger.DirectoryUnusable(path, e);
            return new DataDirectory(path, e, broker, threads);
        }
    }

    private LogDirDescription Describe(DataDirectory directory)
    {
        var space = SpaceOf(directory);
        return new LogDirDescription
        {
            Error = directory.Health == DirectoryHealth.Offline ? ErrorCode.KafkaStorageError : ErrorCode.None,
            Path = directory.Path,
            DirectoryId = directory.Id,
            TotalBytes = space?.TotalBytes ?? -1,
            UsableBytes = space?.AvailableBytes ?? -1,
            Message = directory.Health == DirectoryHealth.Online ? null : directory.StatusMessage,
            Replicas =
            [
                .. directory.Partitions.Select(partition =>
                    new ReplicaDescription(partition.Name, partition.Log.SizeInBytes, partition.Log.LogEndOffset)),
            ],
        };
    }
}
