using System.Collections.Concurrent;

namespace OrleansLog.Kafka.Replication;

/// <summary>
/// What a fetcher has to tell its leader next: replicas that are ready for another question, and those that it no longer fetches for. Anybody adds to it, the
/// fetcher alone takes from it, and waits while there is nothing.
/// </summary>
/// <typeparam name="TReplica">A replica.</typeparam>
/// <typeparam name="TKey">What the leader knows it by.</typeparam>
internal sealed class FetchTurns<TReplica, TKey>
{
    private readonly ConcurrentQueue<TReplica> _ready = new();
    private readonly ConcurrentQueue<TKey> _forgotten = new();
    private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many are ready.</summary>
    public int ReadyCount => _ready.Count;

    /// <summary>A replica is ready for another question.</summary>
    public void Ready(TReplica replica)
    {
        _ready.Enqueue(replica);
        Signal();
    }

    /// <summary>A replica is not fetched for any more.</summary>
    public void Forget(TKey key)
    {
        _forgotten.Enqueue(key);
        Signal();
    }

    public bool TryTakeReady(out TReplica replica) => _ready.TryDequeue(out replica!);

    public bool TryTakeForgotten(out TKey key) => _forgotten.TryDequeue(out key!);

    /// <summary>Completes with the next news; it is complete when there are some already.</summary>
    public Task Next()
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _signal, signal);
        if (!_ready.IsEmpty || !_forgotten.IsEmpty)
            signal.TrySetResult();

        return signal.Task;
    }

    /// <summary>Completes when there may be a first replica to fetch for. What waited before that has gone to another leader, and is no news.</summary>
    /// <param name="hasNone">Whether there is none; whoever adds one says afterwards that it is ready.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task FirstAsync(Func<bool> hasNone, CancellationToken cancellationToken)
    {
        _forgotten.Clear();
        _ready.Clear();
        var next = Next();
        return hasNone() ? next.WaitAsync(cancellationToken) : Task.CompletedTask;
    }

    private void Signal() => Volatile.Read(ref _signal).TrySetResult();
}
