using Microsoft.Extensions.Logging;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Coordinators;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Directories;
using OrleansLog.Grains.Maintenance;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Replicas;
using OrleansLog.Grains.Replication;
using OrleansLog.Log;

namespace OrleansLog.Grains;

/// <summary>
/// One broker: its log directories, threads, partitions and request layer, with the stages of its life. The silo's lifecycle
/// drives it: <see cref="OpenAsync"/> early, <see cref="StopServing"/> before the silo's grains go, <see cref="StopAsync"/> last.
/// </summary>
public sealed partial class BrokerHost : IBrokerSessionHost, IAsyncDisposable
{
    private readonly BrokerConfig _config;
    private readonly IDisk _disk;
    private readonly MetadataCache _metadata;
    private readonly BrokerContext _broker;
    private readonly PartitionTable _partitions = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private Task _takingUp = Task.CompletedTask;
    private OpenParts? _open;
    private UnreachableReports? _unreachable;

    /// <summary>Makes a broker that is not open yet.</summary>
    /// <param name="config">Its configuration as it was started with.</param>
    /// <param name="disk">The disk, see <see cref="Disk.FileSystemDisk.Create"/>.</param>
    /// <param name="metadata">The metadata that the silo applies.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Its log.</param>
    public BrokerHost(BrokerConfig config, IDisk disk, MetadataCache metadata, TimeProvider time, ILogger<BrokerHost> logger)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(logger);
        _config = config;
        _disk = disk;
        _metadata = metadata;
        _broker = new BrokerContext(config.NodeId, time, logger)
        {
            RequestWaitMaxMs = config.RequestWaitMaxMs,
            Metadata = metadata,
            ReplicaLagTimeMaxMs = config.ReplicaLagTimeMaxMs,
            ReplicaFetchBackOffMs = config.ReplicaFetchBackOffMs,
            SelectsReplicaByRack = config.SelectsReplicaByRack,
        };
    }

    /// <summary><c>node.id</c>.</summary>
    public int BrokerId => _broker.BrokerId;

    /// <summary>The request layer.</summary>
    /// <exception cref="InvalidOperationException">The broker is not open.</exception>
    public LocalBroker Local => Open.Local;

    /// <summary>The groups that this broker coordinates.</summary>
    /// <exception cref="InvalidOperationException">The broker is not open.</exception>
    public LocalGroups Groups => Open.Groups;

    /// <summary>The broker's configuration in force, dynamic changes included.</summary>
    public BrokerConfig Config => _open?.Replicas.Config ?? _config;

    /// <summary>True once every log that the metadata asked for at the start is open, or known to be lost.</summary>
    public bool IsRecovered => _open?.Replicas.IsRecovered ?? false;

    /// <summary>
    /// Completes when the broker has taken its place for the first time: the controller lets it lead, its logs are open, and the coordinators of the
    /// groups that it leads have loaded, or cannot.
    /// </summary>
    public Task Ready => _ready.Task;

    /// <summary>Why none of its log directories takes records now, as on a full disk; null where one does.</summary>
    public string? TakesNoRecordsBecause => _open?.Directories.WhyNoneTakesRecords;

    /// <summary>
    /// Whether a partition's leader is this broker, which has not opened its log yet and would refuse every request for it: clients are better told
    /// that there is no leader to be had now.
    /// </summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="partition">The number of the partition.</param>
    /// <param name="leader">Who leads it by the metadata.</param>
    public bool IsOpening(string topic, int partition, int leader)
    {
        if (leader != BrokerId)
            return false;

        var name = new TopicPartition(topic, partition);
        return _partitions.Find(name) is null && _open?.Replicas.IsLost(name) is false;
    }

    /// <summary>What clients are told about a partition: a leader that is still opening its log is none (LEADER_NOT_AVAILABLE).</summary>
    /// <param name="image">The metadata.</param>
    /// <param name="topic">The topic's name.</param>
    /// <param name="partition">The partition in it.</param>
    public ToldPartition Tell(MetadataImage image, string topic, PartitionImage partition) =>
        new(image, partition, IsOpening(topic, partition.Partition, partition.Leader) ? PartitionImage.NoLeader : partition.Leader);

    /// <summary>Where clients are told to connect; whoever listens sets it before the broker registers.</summary>
    public IReadOnlyList<BrokerEndpoint> Endpoints { get; set; } = [];

    /// <summary>Where the other brokers fetch from this one; whoever listens sets it before the broker registers.</summary>
    public BrokerEndpoint? ReplicationEndpoint { get; set; }

    /// <summary>The machine's boot id, which tells whether unsynced data may be gone (D11); settable for tests.</summary>
    internal string MachineBootId { get; init; } = BootId.Read();

    /// <summary>The metadata version of the broker's registration, or -1 before it.</summary>
    public long BrokerEpoch => _broker.BrokerEpoch;

    /// <summary>Who carries records from leaders on other brokers; set before the silo starts. Null: nobody, and replicas elsewhere stay behind.</summary>
    public IReplicaFetchers? ReplicaFetchers { get; set; }

    internal ReplicaManager Replicas => Open.Replicas;

    internal LogDirectories Directories => Open.Directories;

    internal CoordinatorTable Coordinators => Open.Coordinators;

    private OpenParts Open => _open ?? throw new InvalidOperationException($"broker {BrokerId} is not open: the silo has not started, or has stopped");

    /// <summary>Opens the log directories and starts the threads; the logs themselves open when the metadata names them.</summary>
    /// <exception cref="LogDirectoryException">A directory is in use by another process, or belongs to another broker or cluster.</exception>
    /// <exception cref="DiskException">No directory could be opened.</exception>
    public Task OpenAsync(CancellationToken cancellationToken = default) => Task.Run(
        () =>
        {
            if (_open is not null)
                throw new InvalidOperationException($"broker {BrokerId} is open already");

            _open = OpenParts.Create(_config, _disk, _metadata, _broker, _partitions, MachineBootId);
            _broker.Logger.BrokerOpened(BrokerId, _open.Directories.All.Count);
        },
        cancellationToken);

    /// <summary>Completes when everything that the background and recovery threads were given so far is done; for tests.</summary>
    internal async Task BackgroundIdleAsync()
    {
        await Task.WhenAll(Open.Schedule.Retention, Open.Schedule.Expiry).ConfigureAwait(false);
        await Task.WhenAll(Open.Background.WhenIdleAsync(), Open.Recovery.WhenIdleAsync(), Open.Urgent.WhenIdleAsync()).ConfigureAwait(false);
    }

    /// <summary>Completes when what the coordinators gave their threads so far is done; for tests.</summary>
    internal Task CoordinatorsIdleAsync() => Open.Coordinators.IdleAsync();

    /// <summary>Follows the metadata from now on: opens, configures and deletes replicas as it says.</summary>
    internal void Follow(IBrokerCluster cluster)
    {
        foreach (var directory in Open.Directories.All)
            directory.WentOffline += failed => cluster.ReportOfflineDirectories([failed.Id]);

        _unreachable = new UnreachableReports(_broker, cluster);
        if (ReplicaFetchers is { } fetchers)
            Open.Replicas.Observers.Add(new ReplicaFollowing(_broker, fetchers));

        _broker.IsrRequests.Start(cluster, _partitions);
        Open.OffsetsTopic.Start(cluster);
        Open.Replicas.Start(cluster);
    }

    /// <summary>Tells the controller that another broker cannot be reached.</summary>
    /// <param name="brokerId">The other broker.</param>
    /// <param name="brokerEpoch">Its broker epoch, as it was when it was last reached or tried.</param>
    /// <param name="loss">How it was lost.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>True when the controller knows, or when there is nothing to know; false when it is to be told again.</returns>
    public Task<bool> ReportUnreachableAsync(int brokerId, long brokerEpoch, PeerLoss loss, CancellationToken cancellationToken) =>
        _unreachable is { } reports ? reports.ReportAsync(brokerId, brokerEpoch, loss, cancellationToken) : Task.FromResult(true);

    /// <summary>Refuses requests from now on with a retriable error, and answers those that wait.</summary>
    public void StopServing()
    {
        _open?.Replicas.StopFollowing();
        _open?.Coordinators.Stop();
        _open?.Local.StopServing();
    }

    /// <summary>Appends and syncs what is queued, closes the logs, writes checkpoints and the clean marker, lets go of the directories.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _open, null) is not { } open)
            return;

        var began = _broker.Time.GetTimestamp();
        var partitions = open.Partitions.Count;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _takingUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        open.Replicas.StopFollowing();
        open.Local.StopServing();
        var isClean = await open.CloseAsync(BrokerEpoch).ConfigureAwait(false);
        _broker.Logger.BrokerStopped(
            BrokerId, (long)_broker.Time.GetElapsedTime(began).TotalMilliseconds, partitions, isClean ? "cleanly" : "without the clean marker: the next start scans the ends of its logs");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stopping.Dispose();
        _broker.Dispose();
    }
}
