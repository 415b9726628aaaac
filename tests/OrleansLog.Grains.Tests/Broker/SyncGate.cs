using OrleansLog.Log;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>Holds operations on some files until it is opened.</summary>
internal sealed class SyncGate : IDisposable
{
    private readonly ManualResetEventSlim _open = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MemoryDisk _disk;

    public SyncGate(MemoryDisk disk, string pathEnd, string operation = "sync")
    {
        _disk = disk;
        disk.Fault = (name, path) =>
        {
            if (name != operation || !path.EndsWith(pathEnd, StringComparison.Ordinal))
                return null;

            _reached.TrySetResult();
            _open.Wait();
            return Failure;
        };
    }

    /// <summary>The error that a held operation ends with; null lets it go on.</summary>
    public DiskErrorKind? Failure { get; set; }

    /// <summary>Completes when the first operation waits.</summary>
    public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromMinutes(2));

    public void Open() => _open.Set();

    public void Dispose()
    {
        _disk.Fault = null;
        _open.Set();
    }
}
