using System.Collections.Concurrent;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>A disk in memory of which nothing is cached from a moment on, and whose reads do not end until they are let go.</summary>
internal sealed class SlowReads : IDisposable
{
    private readonly ManualResetEventSlim _free = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SlowReads(MemoryDisk disk)
    {
        disk.IsCached = static path => !path.EndsWith(".log", StringComparison.Ordinal);
        disk.Fault = (operation, path) =>
        {
            if (operation == "read" && path.EndsWith(".log", StringComparison.Ordinal))
            {
                Readers.TryAdd(Thread.CurrentThread.Name ?? "", true);
                _reached.TrySetResult();
                _free.Wait();
            }

            return null;
        };
    }

    /// <summary>Names of the threads that wait for the disk, or have.</summary>
    public ConcurrentDictionary<string, bool> Readers { get; } = [];

    /// <summary>Completes when somebody waits for the disk.</summary>
    public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromMinutes(2));

    public void LetGo() => _free.Set();

    public void Dispose() => _free.Set();
}
