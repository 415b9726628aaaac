using System.Runtime.ExceptionServices;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Reading;

/// <summary>Something that has to wait for the disk, on one of <see cref="DiskReaders"/>; who asked for it goes on where they were.</summary>
internal sealed class DiskRead<T>(Func<T> read) : IThreadPoolWorkItem
{
    private readonly ReturningWait _wait = new();
    private ExceptionDispatchInfo? _failure;
    private T _result = default!;

    /// <summary>What it came to; once.</summary>
    public async ValueTask<T> RunAsync(DiskReaders readers)
    {
        readers.Post(this);
        await _wait.Task.ConfigureAwait(false);
        _failure?.Throw();
        return _result;
    }

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            _result = read();
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }

        _wait.End();
    }
}
