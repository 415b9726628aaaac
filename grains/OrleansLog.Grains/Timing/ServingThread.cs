namespace OrleansLog.Grains.Timing;

/// <summary>
/// A thread that serves connections, and goes on with what waited on it: an answer then needs no thread of the pool, all of which others may have blocked.
/// </summary>
public abstract class ServingThread
{
    [ThreadStatic]
    private static ServingThread? s_current;

    /// <summary>The one that this code runs on; null on any other thread.</summary>
    public static ServingThread? Current => s_current;

    /// <summary>Runs a work item on the thread, soon and in its turn; on the thread pool where the thread has ended. From any thread.</summary>
    public abstract void Post(IThreadPoolWorkItem item);

    /// <summary>The calling thread is this one from now on.</summary>
    protected void Enter() => s_current = this;
}
