using Microsoft.Extensions.Logging;
using OrleansLog.Grains.Diagnostics;

namespace OrleansLog.Grains.Maintenance;

/// <summary>A few threads for blocking disk work that is nobody's hot path. A thread ends when there is nothing to do.</summary>
internal sealed class WorkThreads(string name, int maxThreads, ILogger logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _queue = new();
    private readonly List<Thread> _threads = [];
    private readonly List<TaskCompletionSource> _idleWaiters = [];
    private bool _isStopping;

    /// <summary>Runs something on one of the threads. After a stop it fails with <see cref="ObjectDisposedException"/>.</summary>
    public Task<T> CallAsync<T>(Func<T> call)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isQueued = TryPost(() =>
        {
            try
            {
                done.SetResult(call());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        if (!isQueued)
            done.SetException(new ObjectDisposedException(name));

        return done.Task;
    }

    /// <summary>Runs something on one of the threads; what it throws is logged. False after a stop.</summary>
    public bool TryPost(Action action)
    {
        lock (_gate)
        {
            if (_isStopping)
                return false;

            _queue.Enqueue(action);
            if (_threads.Count < maxThreads)
            {
                var thread = new Thread(Run) { IsBackground = true, Name = $"{name}-{_threads.Count}" };
                _threads.Add(thread);
                thread.Start();
            }

            return true;
        }
    }

    /// <summary>Completes when nothing is queued and nothing runs.</summary>
    public Task WhenIdleAsync()
    {
        lock (_gate)
        {
            if (_threads.Count == 0)
                return Task.CompletedTask;

            var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _idleWaiters.Add(idle);
            return idle.Task;
        }
    }

    /// <summary>Does what is queued, then ends the threads.</summary>
    public void Dispose()
    {
        Thread[] threads;
        lock (_gate)
        {
            _isStopping = true;
            threads = [.. _threads];
        }

        foreach (var thread in threads)
            thread.Join();
    }

    private void EndThread()
    {
        _threads.Remove(Thread.CurrentThread);
        if (_threads.Count > 0)
            return;

        foreach (var idle in _idleWaiters)
            idle.SetResult();

        _idleWaiters.Clear();
    }

    private void Run()
    {
        while (true)
        {
            Action action;
            lock (_gate)
            {
                if (!_queue.TryDequeue(out action!))
                {
                    EndThread();
                    return;
                }
            }

            try
            {
                action();
            }
            catch (Exception e)
            {
                logger.BackgroundWorkFailed(name, e);
            }
        }
    }
}
