using OrleansLog.Core.Configuration;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Directories;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Maintenance;

/// <summary>Work that comes round: checkpoints, retention, the scrub, and looking whether a full disk has room again.</summary>
internal sealed class MaintenanceSchedule : IDisposable
{
    private const int FreeSpaceCheckMs = 1000;

    private readonly List<ITimer> _timers = [];
    private readonly BrokerContext _broker;
    private readonly PartitionTable _partitions;
    private readonly LogDirectories _directories;
    private readonly Deletions _deletions;
    private readonly WorkThreads _threads;
    private readonly Scrubber _scrubber;
    private readonly Func<long> _producerIdExpirationMs;
    private readonly long _diskFreeMinBytes;
    private int _isRetentionRunning;
    private int _isExpiryRunning;

    public MaintenanceSchedule(
        BrokerContext broker, BrokerConfig config, PartitionTable partitions, LogDirectories directories, Deletions deletions, WorkThreads threads,
        Func<long> producerIdExpirationMs, Func<bool> areLogsOpen)
    {
        _broker = broker;
        _partitions = partitions;
        _directories = directories;
        _deletions = deletions;
        _threads = threads;
        _diskFreeMinBytes = config.DiskFreeMinBytes;
        _producerIdExpirationMs = producerIdExpirationMs;
        Every(config.HighWatermarkCheckpointIntervalMs, directory => directory.WriteHighWatermarks());
        Every(config.RecoveryPointCheckpointIntervalMs, directory =>
        {
            if (directory.WriteRecoveryPoints())
                directory.DeleteEmptied();
        });
        Every(config.LogStartOffsetCheckpointIntervalMs, directory => directory.WriteLogStarts());
        AddTimer(Math.Min(config.LogInitialTaskDelayMs, config.LogRetentionCheckIntervalMs), config.LogRetentionCheckIntervalMs, StartRetention);
        AddTimer(FreeSpaceCheckMs, FreeSpaceCheckMs, ResumeFullDisks);
        AddTimer(config.ProducerIdExpirationCheckIntervalMs, config.ProducerIdExpirationCheckIntervalMs, StartExpiry);
        _scrubber = new Scrubber(broker, config, partitions, threads, areLogsOpen);

        // Room is needed now, not at the next round.
        foreach (var directory in directories.All)
            directory.BecameFull += _ => StartRetention();
    }

    /// <summary>Applies retention to every partition, one after the other; a round that still runs is enough.</summary>
    public void StartRetention()
    {
        if (Interlocked.Exchange(ref _isRetentionRunning, 1) == 0)
            Retention = Task.Run(ApplyRetentionAsync);
    }

    /// <summary>The round that runs, or the last one.</summary>
    public Task Retention { get; private set; } = Task.CompletedTask;

    /// <summary>The round that forgets idle producers, or the last one.</summary>
    public Task Expiry { get; private set; } = Task.CompletedTask;

    /// <summary>The scrub's turn that runs, or the last one.</summary>
    public Task Scrub => _scrubber.Turn;

    public void Dispose()
    {
        _scrubber.Dispose();
        foreach (var timer in _timers)
            timer.Dispose();
    }

    private void StartExpiry()
    {
        if (Interlocked.Exchange(ref _isExpiryRunning, 1) == 0)
            Expiry = Task.Run(ExpireProducersAsync);
    }

    private async Task ExpireProducersAsync()
    {
        await ForEachAsync(nameof(Expiry), partition => partition.ExpireProducersAsync(_producerIdExpirationMs())).ConfigureAwait(false);
        Interlocked.Exchange(ref _isExpiryRunning, 0);
    }

    private async Task ApplyRetentionAsync()
    {
        await ForEachAsync(nameof(Retention), ApplyRetentionAsync).ConfigureAwait(false);
        Interlocked.Exchange(ref _isRetentionRunning, 0);
    }

    /// <summary>One partition that fails does not keep the round from the others.</summary>
    private async Task ForEachAsync(string round, Func<Partition, Task> work)
    {
        foreach (var partition in _partitions.All)
        {
            try
            {
                await work(partition).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                _broker.Logger.BackgroundWorkFailed($"{round} of {partition.Name}", e);
            }
        }
    }

    private async Task ApplyRetentionAsync(Partition partition)
    {
        var result = await partition.ApplyRetentionAsync().ConfigureAwait(false);
        if (result.SegmentsDeleted == 0)
            return;

        _broker.Logger.RetentionDeleted(partition.Name, result.SegmentsDeleted, result.BytesDeleted, result.LogStartOffset);
        _broker.Metrics.SegmentsDeleted(result.SegmentsDeleted);
        _deletions.Files(result.FilesToDelete, partition.Directory.RefusesAppends ? 0 : partition.Settings.Log.FileDeleteDelayMs);
    }

    private void ResumeFullDisks()
    {
        if (_directories.All.Any(directory => directory.Health == DirectoryHealth.Full))
            _threads.TryPost(() => _directories.TryResume(_diskFreeMinBytes));
    }

    private void Every(long intervalMs, Action<DataDirectory> work) => AddTimer(intervalMs, intervalMs, () =>
    {
        foreach (var directory in _directories.Online)
            _threads.TryPost(() => work(directory));
    });

    private void AddTimer(long dueMs, long intervalMs, Action action)
    {
        _timers.Add(_broker.Time.CreateTimer(_ => Run(action), null, TimerDelays.FromMs(dueMs), TimerDelays.FromMs(intervalMs)));
    }

    private void Run(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            // Above a timer's callback there is only the end of the process; the next time comes.
            _broker.Logger.BackgroundWorkFailed(nameof(MaintenanceSchedule), e);
        }
    }
}
