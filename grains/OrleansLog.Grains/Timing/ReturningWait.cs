using System.Threading.Tasks.Sources;

namespace OrleansLog.Grains.Timing;

/// <summary>
/// One wait for something that another thread tells. What follows it goes on on the <see cref="ServingThread"/> on which it was made; where that was none, on the
/// thread pool; never on the thread that tells.
/// </summary>
public sealed class ReturningWait : IValueTaskSource, IThreadPoolWorkItem
{
    private readonly ServingThread? _thread = ServingThread.Current;
    private ManualResetValueTaskSourceCore<bool> _end;

    /// <summary>Begins.</summary>
    public ReturningWait() => _end.RunContinuationsAsynchronously = _thread is null;

    /// <summary>Completes after <see cref="End"/>; to be awaited once.</summary>
    public ValueTask Task => new(this, _end.Version);

    /// <summary>Ends it; once.</summary>
    public void End()
    {
        if (_thread is null)
            _end.SetResult(true);
        else
            _thread.Post(this);
    }

    void IThreadPoolWorkItem.Execute() => _end.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _end.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _end.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _end.OnCompleted(continuation, state, token, flags);
}
