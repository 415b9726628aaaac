namespace OrleansLog.Grains.Maintenance;

/// <summary>A small file that many may want written at once: calls that come while one write runs share the next.</summary>
internal sealed class CoalescedWrite(WorkThreads threads, Func<bool> write)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<bool>? _next;
    private bool _isRunning;

    /// <summary>Completes after a write that began later than this call; false when it failed.</summary>
    public Task<bool> RunAsync()
    {
        lock (_gate)
        {
            _next ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            var task = _next.Task;
            if (!_isRunning)
            {
                _isRunning = true;
                if (!threads.TryPost(Run))
                {
                    _isRunning = false;
                    _next.SetResult(false);
                    _next = null;
                }
            }

            return task;
        }
    }

    private void Run()
    {
        while (true)
        {
            TaskCompletionSource<bool> current;
            lock (_gate)
            {
                if (_next is null)
                {
                    _isRunning = false;
                    return;
                }

                current = _next;
                _next = null;
            }

            try
            {
                current.SetResult(write());
            }
            catch (Exception e)
            {
                current.SetException(e);
            }
        }
    }
}
