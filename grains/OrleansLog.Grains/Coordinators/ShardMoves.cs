using System.Collections.Concurrent;

namespace OrleansLog.Grains.Coordinators;

/// <summary>Tells who waits for a coordinator that it has loaded, failed or gone; by the number of its partition.</summary>
internal sealed class ShardMoves
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _waiting = new();

    /// <summary>Partitions that somebody has waited for since they moved last.</summary>
    public IEnumerable<int> Awaited => _waiting.Keys;

    /// <summary>Completes at the partition's next move. Take it first, look second, wait third: then no move is missed.</summary>
    public Task Next(int partition) =>
        _waiting.GetOrAdd(partition, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>What holds for this partition is another than before.</summary>
    public void Tell(int partition)
    {
        if (_waiting.TryRemove(partition, out var waiting))
            waiting.TrySetResult();
    }
}
