using OrleansLog.Core.Partition;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Flushing;

/// <summary>
/// The fsync thread of one log directory (D4). While one sync runs, appends gather behind it; the next sync makes all of them
/// durable together, which is the group commit.
/// </summary>
internal sealed class Flusher : IDisposable
{
    private readonly GatheredWork<Partition> _requested = new();
    private readonly PartitionDecisions<AppendRequest> _decisions = new();
    private readonly Thread _thread;

    public Flusher(string directoryName)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = $"olog-fsync-{directoryName}" };
        _thread.Start();
    }

    /// <summary>Asks for a sync of everything that a partition has appended so far.</summary>
    public void Request(Partition partition)
    {
        if (partition.MarkForFlush())
            _requested.TryAdd(partition);
    }

    /// <summary>Syncs what was asked for, then ends the thread.</summary>
    public void Dispose()
    {
        _requested.Stop();
        _thread.Join();
    }

    private void Run()
    {
        while (_requested.TryTakeAll(out var taken))
        {
            foreach (var partition in taken)
                partition.FlushNow(_decisions);
        }
    }
}
