using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Directories;
using OrleansLog.Grains.Maintenance;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Timing;
using OrleansLog.Log;

namespace OrleansLog.Grains.Replicas;

/// <summary>What the manager does beside following: retries, directories that differ from the metadata, strays.</summary>
internal sealed partial class ReplicaManager
{
    private const int RetryDelayMs = 2000;

    /// <summary>Opens a replica again after a while; the disk may have room then, or a directory may be back.</summary>
    private void RetryLater(TopicPartition name) =>
        broker.Wheel.Schedule(new Retry(() => Reconcile(name.Topic, name.Partition)), RetryDelayMs);

    /// <summary>The data path does not need the grain, so a failure only means that the next caller activates it, or that it stays until the silo ends.</summary>
    private async Task TellGrainAsync(ReplicaKey key, Func<ReplicaKey, Task> tell)
    {
        try
        {
            await tell(key).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (!_isStopping)
                broker.Logger.ActivationFailed(key, e);
        }
    }

    /// <summary>The log lies elsewhere than the metadata says: an operator moved it, or the controller had not chosen.</summary>
    private async Task ReportMovedAsync(Partition partition)
    {
        var assignment = new DirectoryAssignment(partition.Key.TopicId, partition.Key.Partition, partition.Directory.Id);
        ErrorCode error;
        try
        {
            error = await _cluster!.AssignDirectoriesAsync(new DirectoryAssignments(broker.BrokerId, _brokerEpoch, [assignment])).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            broker.Logger.BackgroundWorkFailed(nameof(ReportMovedAsync), e);
            error = ErrorCode.RequestTimedOut;
        }

        if (error == ErrorCode.None)
            return;

        broker.Logger.AssignmentFailed(1, error);
        RetryLater(partition.Name);
    }

    /// <summary>
    /// Directories that are assigned to nobody here go aside, loudly; half-done deletions are finished. Only once, after the first
    /// metadata: later ones are made and removed by this manager alone.
    /// </summary>
    private void SetStraysAside()
    {
        foreach (var directory in directories.Online.ToList())
        {
            try
            {
                foreach (var found in directory.List())
                    SetAside(directory, found);
            }
            catch (DiskException e)
            {
                broker.Logger.CheckpointFailed(directory.Path, e);
            }
        }
    }

    private void SetAside(DataDirectory directory, PartitionDirectory found)
    {
        if (found.Kind == PartitionDirectoryKind.Delete)
        {
            if (directory.FindPartition(found.Name) is null)
                directory.Forget(found.Name);

            deletions.DeleteNow(directory, found.Path);
            return;
        }

        if (found.Kind != PartitionDirectoryKind.Partition)
            return;

        var topic = metadata.Current.FindTopic(found.Name.Topic);
        var isOurs = topic?.Find(found.Name.Partition)?.DirectoryOf(broker.BrokerId) is { } assigned
            && directory.ReadTopicId(found.Path) is var id && (id is null || id == topic.Id)
            && !IsSuperseded(directory, found, assigned);
        if (!isOurs)
            broker.Logger.StrayFound(found.Path, directory.MarkAsStray(found.Name));
    }

    /// <summary>Once all that the first metadata names was opened, the directories forget that the last run may have lost data (D11).</summary>
    private async Task MarkRecoveredAsync(ReplicaSlot[] slots)
    {
        await Task.WhenAll(slots.Select(slot => slot.Settled)).ConfigureAwait(false);
        _isRecovered = true;
        if (_hasSkipped || slots.Any(slot => slot.IsLost))
            return;

        Task marking = recovery.CallAsync(() => directories.Online.ToList().TrueForAll(directory => directory.MarkRecovered()));
        await marking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Another log took its place where the controller says: this directory was away when its loss was accepted (D11).</summary>
    private bool IsSuperseded(DataDirectory directory, PartitionDirectory found, Guid assigned) =>
        directory.Id != assigned && directories.Find(assigned)?.FindPartition(found.Name) is not null;

    private sealed class Retry(Action action) : TimerEntry
    {
        protected internal override void OnTimer(int generation) => action();
    }
}
