using OrleansLog.Grains.Partitions;
using OrleansLog.Log;

namespace OrleansLog.Grains.Directories;

/// <summary>Partitions that were opened in a log directory, and whose own directories a power loss would take away: many share one sync (D11).</summary>
internal sealed class NewPartitions
{
    private readonly Lock _gate = new();
    private List<Partition> _waiting = [];

    /// <summary>A partition was opened that the recovery points on disk do not name.</summary>
    public void Add(Partition partition)
    {
        lock (_gate)
            _waiting.Add(partition);
    }

    /// <summary>Syncs the directories of all that wait. One at a time.</summary>
    /// <exception cref="DiskException">That failed, and is not tried again by itself: whoever opened the partition asks again.</exception>
    public void Sync(LogDirectory log)
    {
        List<Partition> partitions;
        lock (_gate)
            (partitions, _waiting) = (_waiting, []);

        if (partitions.Count == 0)
            return;

        log.SyncPartitions([.. partitions.Select(partition => partition.Log.Directory)]);
        foreach (var partition in partitions)
        {
            partition.Log.NoteDirectorySynced();
            partition.HasDurableDirectory = true;
        }
    }
}
