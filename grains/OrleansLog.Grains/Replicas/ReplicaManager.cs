using System.Collections.Concurrent;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Directories;
using OrleansLog.Grains.Maintenance;
using OrleansLog.Grains.Partitions;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Replicas;

/// <summary>
/// Brings the replicas of this broker to what the metadata says: opens, configures, lets lead, closes and deletes them. What
/// one name asks for runs in order; different names run side by side.
/// </summary>
internal sealed partial class ReplicaManager(
    BrokerContext broker, BrokerConfig config, MetadataCache metadata, PartitionTable partitions, LogDirectories directories,
    ReplicaOpener opener, WorkThreads recovery, WorkThreads urgent, Deletions deletions)
{
    private readonly ConcurrentDictionary<TopicPartition, ReplicaSlot> _slots = new();
    private volatile BrokerConfig? _dynamicConfig;
    private volatile bool _isStopping;
    private volatile bool _isRecovered;
    private volatile bool _hasSkipped;
    private volatile bool _hasBegun;

    /// <summary>The broker's configuration in force.</summary>
    public BrokerConfig Config => _dynamicConfig ?? config;

    /// <summary>The metadata version that this broker has applied.</summary>
    public long AppliedVersion => metadata.Version;

    /// <summary>True once every log that the first metadata asked for is open, or known to be lost.</summary>
    public bool IsRecovered => _isRecovered;

    /// <summary>Who is told about leaderships; complete before the manager starts to follow.</summary>
    public List<ILeadershipObserver> Observers { get; } = [];

    /// <summary>Names whose log should be here and is not.</summary>
    public int LostCount => _slots.Values.Count(slot => slot.IsLost);

    /// <summary>True when the partition should be here and cannot be served.</summary>
    public bool IsLost(TopicPartition name) => _slots.TryGetValue(name, out var slot) && slot.IsLost;

    /// <summary>The open partition of a key, or null.</summary>
    public Partition? Find(ReplicaKey key) =>
        metadata.Current.FindTopic(key.TopicId) is { } topic
        && partitions.Find(new TopicPartition(topic.Name, key.Partition)) is { } partition && partition.Key == key
            ? partition
            : null;

    /// <summary>Names that have something here, or had it a moment ago; for tests.</summary>
    internal int NameCount => _slots.Count;

    /// <summary>Queues the change of a name's replica; the slot owns the task.</summary>
    private void Reconcile(string topic, int partition)
    {
        while (true)
        {
            var slot = _slots.GetOrAdd(new TopicPartition(topic, partition), name => new ReplicaSlot(name, _hasBegun || InternalTopics.Contains(topic)));
            if (slot.TryRunAsync(ReconcileLoggedAsync) is not null)
                return;

            Forget(slot);
        }
    }

    /// <summary>A slot that was retired; whoever comes first takes it out.</summary>
    private void Forget(ReplicaSlot slot) => _slots.TryRemove(new(slot.Name, slot));

    /// <summary>Completes when everything that a metadata version asks for of these topics is done, or after the timeout.</summary>
    public Task WaitForTopicsAsync(IEnumerable<string> topics, long version, TimeSpan timeout) =>
        WaitAsync([.. topics.Distinct(StringComparer.Ordinal)], version, timeout);

    /// <summary>Completes when everything that a metadata version asks for of a topic is done, or after the timeout; false then.</summary>
    public Task<bool> WaitForTopicAsync(string topic, long version, TimeSpan timeout) => WaitAsync([topic], version, timeout);

    private async Task<bool> WaitAsync(string[] topics, long version, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, broker.Time);
        var settled = SettledAsync(topics, version, limit.Token);
        await settled.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !settled.IsCanceled;
    }

    /// <summary>Whether a topic has a log that should be here and is not, or cannot be used.</summary>
    public bool HasLost(string topic) => SlotsOf(topic).Any(slot => slot.IsLost);

    /// <summary>Completes when everything that a metadata version asks for is done.</summary>
    public async Task SettledAsync(long version)
    {
        await FollowedAsync(version, CancellationToken.None).ConfigureAwait(false);
        await Task.WhenAll(_slots.Values.Select(slot => slot.Settled)).ConfigureAwait(false);
    }

    private async Task SettledAsync(string[] topics, long version, CancellationToken cancellationToken)
    {
        await FollowedAsync(version, cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(topics.SelectMany(SlotsOf).Select(slot => slot.Settled)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>By their names where the metadata has the topic; those of one that is gone are looked for among all.</summary>
    private IEnumerable<ReplicaSlot> SlotsOf(string topic) => metadata.Current.FindTopic(topic) is { } image
        ? image.Partitions.Select(partition => _slots.GetValueOrDefault(new(topic, partition.Partition))).OfType<ReplicaSlot>()
        : _slots.Select(entry => entry.Value).Where(slot => slot.Name.Topic == topic);

    /// <summary>Completes when the changes of a version are queued in their slots; the metadata itself shows it a moment before.</summary>
    private Task FollowedAsync(long version, CancellationToken cancellationToken) =>
        _followed.WaitAsync(version, Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    /// <summary>Closes every partition: what is queued is appended and synced. True when all were closed with everything on disk.</summary>
    public async Task<bool> CloseAllAsync()
    {
        _isStopping = true;
        await Task.WhenAll(_slots.Values.Select(slot => slot.Settled)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _recovered.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // A stop while logs are opened may be none that counts as clean; then there is no point in syncing names of thousands that nobody wrote to.
        var closed = await Task.WhenAll(directories.All.SelectMany(directory => directory.Partitions.Select(partition =>
            partition.CloseAsync(clean: directory.MayBecomeClean(_hasSkipped) || partition.Log.UnflushedMessages > 0)))).ConfigureAwait(false);
        return closed.All(isClean => isClean);
    }

    private async Task ReconcileLoggedAsync(ReplicaSlot slot)
    {
        if (_isStopping)
        {
            // Its log may never have been opened: nobody may say that all were (D11).
            _hasSkipped = true;
            return;
        }

        try
        {
            await ReconcileAsync(slot).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            broker.Logger.BackgroundWorkFailed($"replica {slot.Name}", e);
            RetryLater(slot.Name);
        }
    }

    private async Task ReconcileAsync(ReplicaSlot slot)
    {
        var image = metadata.Current;
        var topic = image.FindTopic(slot.Name.Topic);
        var state = topic?.Find(slot.Name.Partition);
        var assigned = state?.DirectoryOf(broker.BrokerId);
        if (slot.Partition is { } open && (assigned is null || open.Key.TopicId != topic!.Id))
            await RemoveAsync(slot, open).ConfigureAwait(false);

        if (assigned is null)
        {
            slot.IsLost = false;
            if (slot.TryRetire())
                Forget(slot);

            return;
        }

        if (slot.Partition is { Directory.Health: DirectoryHealth.Offline } offline && directories.Find(assigned.Value) is not null)
            await LeaveAsync(slot, offline, assigned.Value).ConfigureAwait(false);

        var settings = SettingsOf(image, topic!, state!);
        if (slot.Partition is null)
            await OpenAsync(slot, new ReplicaKey(topic!.Id, state!.Partition, broker.BrokerId), assigned.Value, settings).ConfigureAwait(false);
        else
            slot.Partition.Configure(settings);

        if (slot.Partition is not { } partition || !await MakeKnownAsync(slot, partition).ConfigureAwait(false))
            return;

        await partition.ApplyAsync(state!.ToLeadership()).ConfigureAwait(false);
        var isAdded = partitions.Add(partition);
        foreach (var observer in Observers)
            observer.Applied(partition);

        if (isAdded)
            await TellGrainAsync(partition.Key, _cluster!.ActivateReplicaAsync).ConfigureAwait(false);
        if (partition.Directory.Id != assigned)
            await ReportMovedAsync(partition).ConfigureAwait(false);
    }

    private async Task OpenAsync(ReplicaSlot slot, ReplicaKey key, Guid assignedDirectory, PartitionSettings settings)
    {
        try
        {
            slot.Partition = await (slot.IsUrgent ? urgent : recovery).CallAsync(() => OpenUnlessStopping(slot, key, assignedDirectory, settings)).ConfigureAwait(false);
            slot.IsLost = slot.Partition is null;
            slot.IsFailureTold = false;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or LogCorruptionException)
        {
            OpenFailed(slot, e);
        }
    }

    /// <summary>Thousands may be queued when the broker is told to stop: it opens none only to close it.</summary>
    private Partition? OpenUnlessStopping(ReplicaSlot slot, ReplicaKey key, Guid assignedDirectory, PartitionSettings settings)
    {
        if (!_isStopping)
            return opener.Open(key, slot.Name, assignedDirectory, settings);

        _hasSkipped = true;
        throw new ObjectDisposedException(nameof(ReplicaManager));
    }

    /// <summary>Only a log whose name is on disk may take records: else, once lost, it would look like a new one. It stays open while that fails.</summary>
    private async ValueTask<bool> MakeKnownAsync(ReplicaSlot slot, Partition partition)
    {
        if (await partition.Directory.MakeKnownAsync(partition).ConfigureAwait(false))
        {
            slot.IsLost = slot.IsFailureTold = false;
            return true;
        }

        OpenFailed(slot, partition.Directory.Reason ?? new DiskException(DiskErrorKind.Other, partition.Directory.Path, "checkpoint", 0));
        return false;
    }

    private void OpenFailed(ReplicaSlot slot, Exception error)
    {
        slot.IsLost = true;
        if (_isStopping)
            return;

        if (!slot.IsFailureTold)
            broker.Logger.OpenFailed(slot.Name, error);

        slot.IsFailureTold = true;
        RetryLater(slot.Name);
    }

    private async Task RemoveAsync(ReplicaSlot slot, Partition partition)
    {
        await CloseAsync(slot, partition).ConfigureAwait(false);
        var isRenamed = await recovery.CallAsync(() => deletions.Rename(partition)).ConfigureAwait(false);
        if (isRenamed)
            broker.Logger.PartitionDeleted(slot.Name);

        await TellGrainAsync(partition.Key, _cluster!.DeactivateReplicaAsync).ConfigureAwait(false);
    }

    /// <summary>The controller chose another directory than the one that failed; what is in that one is left alone.</summary>
    private async Task LeaveAsync(ReplicaSlot slot, Partition partition, Guid directoryId)
    {
        broker.Logger.ReplicaLeftDirectory(slot.Name, partition.Directory.Path, Uuid.FromGuid(directoryId));
        await CloseAsync(slot, partition).ConfigureAwait(false);
    }

    private async Task CloseAsync(ReplicaSlot slot, Partition partition)
    {
        partitions.Remove(partition);
        foreach (var observer in Observers)
            observer.Closing(partition);

        await partition.CloseAsync(clean: false).ConfigureAwait(false);
        partition.Directory.Remove(partition);
        slot.Partition = null;
    }

    private PartitionSettings SettingsOf(MetadataImage image, TopicImage topic, PartitionImage state)
    {
        var resolved = TopicConfig.Resolve(Config, image.ConfigsOf(ConfigOwner.Topic(topic.Name)));
        if (resolved.Problems.Count > 0)
            broker.Logger.TopicConfigProblems(topic.Name, string.Join("; ", resolved.Problems));

        return PartitionSettings.From(resolved, state.Replicas.Length, HashCode.Combine(topic.Id, state.Partition));
    }
}
