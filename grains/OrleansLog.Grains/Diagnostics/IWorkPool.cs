namespace OrleansLog.Grains.Diagnostics;

/// <summary>The pool whose threads run the broker's work, as far as <see cref="ThreadPoolWatch"/> looks at it.</summary>
internal interface IWorkPool
{
    /// <summary>Threads that it has.</summary>
    int Threads { get; }

    /// <summary>Work items that wait for one.</summary>
    long Waiting { get; }

    /// <summary>Puts a work item behind those that wait.</summary>
    void Queue(IThreadPoolWorkItem item);
}

/// <summary>The process's thread pool.</summary>
internal sealed class DotnetPool : IWorkPool
{
    public int Threads => ThreadPool.ThreadCount;

    public long Waiting => ThreadPool.PendingWorkItemCount;

    public void Queue(IThreadPoolWorkItem item) => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
}
