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
    private readonly Lock _gate = new();
    private readonly ThreadSignal _signal = new();
    private readonly PartitionDecisions<AppendRequest> _decisions = new();
    private readonly Thread _thread;
    private List<Partition> _requested = [];
    private List<Partition> _taken = [];
    private bool _isStopping;

    public Flusher(string directoryName)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = $"olog-fsync-{directoryName}" };
        _thread.Start();
    }

    /// <summary>Asks for a sync of everything that a partition has appended so far.</summary>
    public void Request(Partition partition)
    {
        if (!partition.MarkForFlush())
            return;

        lock (_gate)
        {
            _requested.Add(partition);
            if (_requested.Count > 1)
                return;
        }

        _signal.Raise();
    }

    /// <summary>Syncs what was asked for, then ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
            _isStopping = true;

        _signal.Raise();
        _thread.Join();
    }

    private void Run()
    {
        while (TakeRequested())
        {
            foreach (var partition in _taken)
                partition.FlushNow(_decisions);

            _taken.Clear();
        }
    }

    private bool TakeRequested()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_requested.Count > 0)
                {
                    (_taken, _requested) = (_requested, _taken);
                    return true;
                }

                if (_isStopping)
                    return false;
            }

            _signal.Wait();
        }
    }
}
