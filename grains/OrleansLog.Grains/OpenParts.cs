using System.Diagnostics.Metrics;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Coordinators;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Directories;
using OrleansLog.Grains.Disk;
using OrleansLog.Grains.Maintenance;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Reading;
using OrleansLog.Grains.Replicas;
using OrleansLog.Log;

namespace OrleansLog.Grains;

/// <summary>The parts of a broker that exist while it is open, and the order in which they end.</summary>
internal sealed class OpenParts
{
    /// <summary>Threads for logs that somebody waits for now, however long those of the start take.</summary>
    private const int UrgentThreads = 2;

    public required LogDirectories Directories { get; init; }

    public required ReplicaManager Replicas { get; init; }

    public required LocalBroker Local { get; init; }

    public required CoordinatorTable Coordinators { get; init; }

    public required OffsetsTopic OffsetsTopic { get; init; }

    public required LocalGroups Groups { get; init; }

    public required WorkThreads Background { get; init; }

    private BrokerContext Broker { get; init; } = null!;

    private AppenderPool Appenders { get; init; } = null!;

    private CoordinatorContext Coordination { get; init; } = null!;

    public required WorkThreads Recovery { get; init; }

    public required WorkThreads Urgent { get; init; }

    public required MaintenanceSchedule Schedule { get; init; }

    private SegmentCache Segments { get; init; } = null!;

    private ThreadPoolWatch PoolWatch { get; init; } = null!;

    public PartitionTable Partitions { get; init; } = null!;

    public static OpenParts Create(
        BrokerConfig config, IDisk disk, MetadataCache metadata, BrokerContext broker, PartitionTable partitions, string bootId)
    {
        var background = new WorkThreads("olog-background", maxThreads: 2, broker.Logger);
        var directories = LogDirectories.Open(disk, config.LogDirs, broker.BrokerId, bootId, broker, background);
        var recovery = new WorkThreads("olog-open", (int)Math.Min(int.MaxValue, (long)config.RecoveryThreadsPerDataDir * directories.All.Count), broker.Logger);
        var urgent = new WorkThreads("olog-make", UrgentThreads, broker.Logger);
        var appenders = new AppenderPool(config.AppenderThreads, config.AppenderQueueMaxBytes, config.AppenderWaitingMax, broker);
        var segments = new SegmentCache(FileHandles.SegmentsOf(config.SegmentCacheMax));
        var opener = new ReplicaOpener(new LogEnvironment(disk, segments) { MaxProducersPerPartition = config.ProducerIdsPerPartitionMax }, directories, appenders, broker);
        var deletions = new Deletions(disk, background, broker);
        var replicas = new ReplicaManager(broker, config, metadata, partitions, directories, opener, recovery, urgent, deletions);
        var loaders = new WorkThreads("olog-coordinator", config.GroupCoordinatorThreads, broker.Logger);
        var coordination = new CoordinatorContext(broker, metadata, replicas, loaders);
        var coordinators = new CoordinatorTable(coordination);
        var offsetsTopic = new OffsetsTopic(broker, metadata, replicas);
        coordination.Metrics.Observe(new CoordinatorFigures(coordinators, coordination, partitions));
        replicas.Observers.Add(coordinators);
        var readers = new DiskReaders(() => replicas.Config.IoThreads, broker.Logger);
        var parts = new OpenParts
        {
            Directories = directories,
            Replicas = replicas,
            Coordinators = coordinators,
            Coordination = coordination,
            OffsetsTopic = offsetsTopic,
            Groups = new LocalGroups(coordinators, offsetsTopic, coordination),
            Local = new LocalBroker(broker, partitions, directories, metadata, replicas, readers, config.FetchMaxBytes, config.FetchWaitingMax, config.FetchMemoryMaxBytes),
            Background = background,
            Broker = broker,
            Appenders = appenders,
            Recovery = recovery,
            Urgent = urgent,
            Segments = segments,
            PoolWatch = new ThreadPoolWatch(new DotnetPool(), broker.Time, broker.Metrics.PoolWaited, broker.Logger),
            Partitions = partitions,
            Schedule = new MaintenanceSchedule(
                broker, config, partitions, directories, deletions, background, () => replicas.Config.ProducerIdExpirationMs, () => replicas.IsRecovered),
        };
        broker.Metrics.Observe(parts.LogSizes, directories.FreeBytes, directories.Full, parts.Figures);
        parts.PoolWatch.Start();
        return parts;
    }

    /// <summary>Ends everything; true when all directories that are online carry the clean marker.</summary>
    public async Task<bool> CloseAsync(long brokerEpoch)
    {
        Schedule.Dispose();
        Coordinators.Stop();
        await Broker.IsrRequests.DisposeAsync().ConfigureAwait(false);
        await Schedule.Retention.ConfigureAwait(false);
        await Schedule.Expiry.ConfigureAwait(false);
        await Schedule.Scrub.ConfigureAwait(false);
        foreach (var request in Appenders.Admission.WithdrawAll())
            request.Complete(ErrorCode.NotLeaderOrFollower, ProduceOutcome.NotStored, -1, "The broker is stopping.");

        var isClean = await Replicas.CloseAllAsync().ConfigureAwait(false);
        return await Task.Run(() =>
        {
            PoolWatch.Dispose();
            Appenders.Dispose();
            Coordination.Dispose();
            Recovery.Dispose();
            Urgent.Dispose();
            Local.Readers.Dispose();
            Background.Dispose();
            foreach (var directory in Directories.Online)
                isClean = directory.WriteAll() && isClean && directory.MarkCleanShutdown(brokerEpoch);

            Directories.Dispose();
            Segments.Dispose();
            return isClean;
        }).ConfigureAwait(false);
    }

    private IEnumerable<Measurement<long>> LogSizes() => Partitions.All
        .GroupBy(partition => partition.Name.Topic, StringComparer.Ordinal)
        .Select(topic => new Measurement<long>(topic.Sum(partition => partition.Log.SizeInBytes), topic.First().TopicTag));

    private BrokerFigures Figures()
    {
        int leaders = 0, offline = 0, underReplicated = 0;
        foreach (var partition in Partitions.All)
        {
            leaders += partition.IsLeader ? 1 : 0;
            offline += partition.IsOnline ? 0 : 1;
            underReplicated += partition.IsUnderReplicated ? 1 : 0;
        }

        return new BrokerFigures(
            Partitions.Count, leaders, offline + Replicas.LostCount, underReplicated,
            Directories.All.Count - Directories.Online.Count(), Appenders.Admission.QueuedBytes, Replicas.AppliedVersion,
            Local.FetchesWaiting, Local.FetchMemory.UsedBytes);
    }
}
