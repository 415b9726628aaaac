namespace OrleansLog.Kafka.Network;

/// <summary>
/// Lets a broker talk with its clients and peers. A test closes it, and the broker is alive and silent, as a process that was stopped (SIGSTOP): requests
/// and answers wait, connections stay. Nobody else does, and open it costs a look at a field. One caller at a time opens and closes.
/// </summary>
internal sealed class TrafficGate
{
    private volatile TaskCompletionSource? _opening;

    /// <summary>Whether what comes and goes has to wait; ask before <see cref="PassAsync"/>, which then is called only where there is something to wait for.</summary>
    public bool IsClosed => _opening is not null;

    /// <summary>Completes when it is open.</summary>
    /// <exception cref="OperationCanceledException">It never will be.</exception>
    public Task PassAsync() => _opening?.Task ?? Task.CompletedTask;

    /// <summary>Everything waits from now on.</summary>
    public void Close() => _opening ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What waits goes on.</summary>
    public void Open()
    {
        var opening = _opening;
        _opening = null;
        opening?.TrySetResult();
    }

    /// <summary>The broker ends where it stands: nothing that waits, and nothing after it, gets through.</summary>
    public void CloseForGood()
    {
        Close();
        _opening!.TrySetCanceled();
    }
}
