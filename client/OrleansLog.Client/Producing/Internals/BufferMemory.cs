namespace OrleansLog.Client;

/// <summary>The producer's budget of bytes that wait for their outcome, and those who wait for room in it.</summary>
internal sealed class BufferMemory(long limitBytes)
{
    private long _used;
    private TaskCompletionSource? _room;

    public long UsedBytes => Volatile.Read(ref _used);

    public long LimitBytes => limitBytes;

    /// <summary>Takes bytes if there are so many. An empty buffer takes anything: a record that was accepted must fit somewhere.</summary>
    public bool TryReserve(long bytes)
    {
        while (true)
        {
            var used = Volatile.Read(ref _used);
            if (used + bytes > limitBytes && used > 0)
                return false;
            if (Interlocked.CompareExchange(ref _used, used + bytes, used) == used)
                return true;
        }
    }

    /// <summary>Takes bytes over the limit: for parts of what was accepted already.</summary>
    public void ForceReserve(long bytes) => Interlocked.Add(ref _used, bytes);

    public void Release(long bytes)
    {
        if (bytes == 0)
            return;
        Interlocked.Add(ref _used, -bytes);
        Interlocked.Exchange(ref _room, null)?.TrySetResult();
    }

    /// <summary>
    /// Completes with the next release. Take the task first, then try once more, then await it: a release in between is not lost.
    /// </summary>
    public Task NextReleaseAsync()
    {
        var current = Volatile.Read(ref _room);
        if (current is not null)
            return current.Task;
        var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _room, fresh, null) ?? fresh).Task;
    }
}
