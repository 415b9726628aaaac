using OrleansLog.Log;

namespace OrleansLog.Grains.Replication;

/// <summary>
/// Reads what a follower is to get next into the page cache, on a thread that may wait for the disk: the session's thread serves other followers, and the other
/// partitions of this one, meanwhile.
/// </summary>
internal sealed class ReplicaWarming(ReplicaWatch watch, PartitionLog log, int maxBytes) : IThreadPoolWorkItem
{
    private readonly long _offset = watch.Position.FetchOffset;

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            log.Read(_offset, maxBytes, log.LogEndOffset, atLeastOneBatch: true).Dispose();
        }
        finally
        {
            watch.Warmed();
        }
    }
}
