namespace OrleansLog.Grains.Appending;

/// <summary>A call on the appender's thread, for what only a partition's one writer may do besides appending.</summary>
internal sealed class AppenderCall<T>(Func<T> call) : AppenderCall
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _done.Task;

    public override void Execute()
    {
        try
        {
            _done.SetResult(call());
        }
        catch (Exception e)
        {
            _done.SetException(e);
        }
    }

    public override void Abandon() => _done.SetException(new ObjectDisposedException(nameof(Appender), "the broker has stopped"));
}

/// <summary>A call on the appender's thread.</summary>
internal abstract class AppenderCall : IAppenderWork
{
    public int QueuedBytes => 0;

    public abstract void Execute();

    public abstract void Abandon();
}
