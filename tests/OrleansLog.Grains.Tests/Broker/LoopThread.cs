using System.Collections.Concurrent;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>A thread that serves connections, as far as the broker is concerned.</summary>
internal sealed class LoopThread : ServingThread, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly BlockingCollection<IThreadPoolWorkItem> _posted = [];
    private readonly Thread _thread;

    public LoopThread()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "test-loop" };
        _thread.Start();
    }

    public override void Post(IThreadPoolWorkItem item) => _posted.Add(item);

    /// <summary>Makes a call on the thread, which goes on with it there, and with other calls while it waits; a thread that stands still is told.</summary>
    public Task<T> RunAsync<T>(Func<ValueTask<T>> call)
    {
        var item = new Call<T>(call);
        Post(item);
        return item.Task.WaitAsync(Patience);
    }

    public void Dispose()
    {
        _posted.CompleteAdding();
        _thread.Join();
        _posted.Dispose();
    }

    private void Run()
    {
        Enter();
        foreach (var item in _posted.GetConsumingEnumerable())
            item.Execute();
    }

    private sealed class Call<T>(Func<ValueTask<T>> call) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => _done.Task;

        public void Execute() => _ = RunAsync();

        private async Task RunAsync()
        {
            try
            {
                _done.SetResult(await call().ConfigureAwait(false));
            }
            catch (Exception e)
            {
                _done.SetException(e);
            }
        }
    }
}
