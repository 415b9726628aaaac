using OrleansLog.Log;

namespace OrleansLog.Kafka.Tests.Admin;

/// <summary>Real files, but whoever opens one of certain partitions waits until it is let go: a log that takes long to open.</summary>
internal sealed class HeldDisk(IDisk inner, string partitionsOf) : IDisk, IDisposable
{
    private readonly ManualResetEventSlim _free = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when somebody waits.</summary>
    public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromMinutes(2));

    public void LetGo() => _free.Set();

    public IDiskFile Open(string path, DiskOpen mode)
    {
        if (path.EndsWith(".log", StringComparison.Ordinal) && path.Contains($"/{partitionsOf}-", StringComparison.Ordinal))
        {
            _reached.TrySetResult();
            _free.Wait();
        }

        return inner.Open(path, mode);
    }

    public bool FileExists(string path) => inner.FileExists(path);

    public bool DirectoryExists(string path) => inner.DirectoryExists(path);

    public long FileLength(string path) => inner.FileLength(path);

    public void Delete(string path) => inner.Delete(path);

    public void Rename(string from, string to) => inner.Rename(from, to);

    public void CreateDirectory(string path) => inner.CreateDirectory(path);

    public void DeleteDirectory(string path) => inner.DeleteDirectory(path);

    public IReadOnlyList<DiskEntry> List(string directory) => inner.List(directory);

    public void SyncDirectory(string directory) => inner.SyncDirectory(directory);

    public bool TrySyncAll(string path) => inner.TrySyncAll(path);

    public DiskSpace Space(string path) => inner.Space(path);

    public IDisposable? TryLock(string path) => inner.TryLock(path);

    public void Dispose() => _free.Set();
}
