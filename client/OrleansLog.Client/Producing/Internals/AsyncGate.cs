namespace OrleansLog.Client;

/// <summary>A lock that is held across awaits and goes to the waiters strictly in the order in which they came.</summary>
internal sealed class AsyncGate
{
    private readonly Queue<TaskCompletionSource> _waiters = new();
    private readonly Lock _gate = new();
    private bool _held;

    public Task EnterAsync()
    {
        lock (_gate)
        {
            if (!_held)
            {
                _held = true;
                return Task.CompletedTask;
            }

            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Enqueue(waiter);
            return waiter.Task;
        }
    }

    public void Exit()
    {
        TaskCompletionSource? next;
        lock (_gate)
        {
            if (!_waiters.TryDequeue(out next))
                _held = false;
        }

        next?.SetResult();
    }
}
