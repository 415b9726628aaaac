namespace OrleansLog.Grains.Appending;

/// <summary>A call on the appender's thread, for what only a partition's one writer may do besides appending.</summary>
/// <param name="call">What to do.</param>
/// <param name="isAwaitedBriefly">Whether what goes on afterwards is brief and waits for nothing, so that it may go on on the appender's thread.</param>
internal sealed class AppenderCall<T>(Func<T> call, bool isAwaitedBriefly) : AppenderCall
{
    private readonly TaskCompletionSource<T> _done = new(isAwaitedBriefly ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _done.Task;

    public override void Execute()
    {
        Action answer;
        try
        {
            var result = call();
            answer = () => _done.SetResult(result);
        }
        catch (Exception e)
        {
            answer = () => _done.SetException(e);
        }

        if (!isAwaitedBriefly || AnsweringThread.TryTake())
            answer();
        else
            ThreadPool.UnsafeQueueUserWorkItem(static answer => answer(), answer, preferLocal: false);
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
