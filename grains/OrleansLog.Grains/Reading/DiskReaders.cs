using Microsoft.Extensions.Logging;
using OrleansLog.Grains.Diagnostics;

namespace OrleansLog.Grains.Reading;

/// <summary>
/// Threads that wait for the disk in place of those that serve connections: what is not in the page cache is read on them, so that one client's old records
/// hold nobody else up. They start when there is work, and stay.
/// </summary>
/// <param name="threadsMax">How many there may be now (<c>num.io.threads</c>); above it, what is to be read waits.</param>
/// <param name="logger">Where a fault of a reader's own is told.</param>
internal sealed class DiskReaders(Func<int> threadsMax, ILogger logger) : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<IThreadPoolWorkItem> _queue = new();
    private readonly List<Thread> _threads = [];
    private int _idle;
    private bool _isStopping;

    /// <summary>Has something run on one of the threads; at once, on the caller's, after a stop.</summary>
    public void Post(IThreadPoolWorkItem item)
    {
        lock (_gate)
        {
            if (!_isStopping)
            {
                _queue.Enqueue(item);
                if (_queue.Count <= _idle)
                    Monitor.Pulse(_gate);
                else if (_threads.Count < threadsMax())
                    Start();

                return;
            }
        }

        item.Execute();
    }

    /// <summary>Does what is queued, then ends the threads.</summary>
    public void Dispose()
    {
        Thread[] threads;
        lock (_gate)
        {
            _isStopping = true;
            threads = [.. _threads];
            Monitor.PulseAll(_gate);
        }

        foreach (var thread in threads)
            thread.Join();
    }

    private void Start()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = $"olog-read-{_threads.Count}" };
        _threads.Add(thread);
        thread.Start();
    }

    private void Run()
    {
        while (TryTake(out var item))
        {
            try
            {
                item.Execute();
            }
            catch (Exception e)
            {
                logger.BackgroundWorkFailed("olog-read", e);
            }
        }
    }

    /// <summary>The next one; false where the thread is to end: after a stop, or since fewer are wanted now.</summary>
    private bool TryTake(out IThreadPoolWorkItem item)
    {
        lock (_gate)
        {
            while (true)
            {
                if (_threads.Count > threadsMax() && !_isStopping)
                {
                    // The call that it was woken for is another's.
                    _threads.Remove(Thread.CurrentThread);
                    Monitor.Pulse(_gate);
                    item = null!;
                    return false;
                }

                if (_queue.TryDequeue(out item!))
                    return true;

                if (_isStopping)
                    return false;

                _idle++;
                Monitor.Wait(_gate);
                _idle--;
            }
        }
    }
}
