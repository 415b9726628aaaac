using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Directories;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Timing;
using OrleansLog.Log;

namespace OrleansLog.Grains.Maintenance;

/// <summary>
/// Deletes what was renamed, after <c>file.delete.delay.ms</c>, on threads of its own: readers may still have the files open, and a large
/// delete must not hold up appends (D4). What a stop leaves is deleted at the next start.
/// </summary>
internal sealed class Deletions(IDisk disk, WorkThreads threads, BrokerContext broker)
{
    /// <summary>Renames a closed partition's directory, and deletes it later; false when its directory is offline.</summary>
    public bool Rename(Partition partition)
    {
        try
        {
            var path = partition.Directory.MarkForDelete(partition.Log.Name);
            // A topic that is deleted on a full disk is to make room.
            Later(partition.Directory.RefusesAppends ? 0 : partition.Settings.Log.FileDeleteDelayMs, () => DeleteNow(partition.Directory, path));
            return true;
        }
        catch (DiskException e)
        {
            broker.Logger.DeleteFailed(partition.Log.Directory, e);
            return false;
        }
    }

    /// <summary>Deletes files of deleted segments later.</summary>
    public void Files(IReadOnlyList<string> paths, long delayMs) => Later(delayMs, () =>
    {
        foreach (var path in paths)
            Guarded(path, () => disk.Delete(path));
    });

    /// <summary>Deletes a directory that was renamed.</summary>
    public void DeleteNow(DataDirectory directory, string path) => Guarded(path, () => directory.DeletePartition(path));

    private void Later(long delayMs, Action delete)
    {
        if (delayMs <= 0)
            threads.TryPost(delete);
        else
            broker.Wheel.Schedule(new Due(threads, delete), delayMs);
    }

    private void Guarded(string path, Action delete)
    {
        try
        {
            delete();
        }
        catch (DiskException e)
        {
            broker.Logger.DeleteFailed(path, e);
        }
    }

    private sealed class Due(WorkThreads threads, Action delete) : TimerEntry
    {
        protected internal override void OnTimer(int generation) => threads.TryPost(delete);
    }
}
