using System.Threading.Channels;

namespace OrleansLog.Client;

/// <summary>
/// So many workers, each with a queue of its own. Items of one key go to one worker, which keeps their order; whoever posts keeps
/// the number of items within bounds.
/// </summary>
internal sealed class KeyedLanes<T>
{
    private readonly Channel<T>[] _lanes;
    private readonly Task[] _workers;
    private int _next;

    public KeyedLanes(int count, Func<T, Task> work)
    {
        _lanes = [.. Enumerable.Range(0, count).Select(static _ => Channel.CreateUnbounded<T>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true }))];
        _workers = [.. _lanes.Select(lane => Task.Run(() => RunAsync(lane.Reader, work)))];
    }

    /// <summary>Ends when all workers did, which they do after <see cref="Complete"/>.</summary>
    public Task Completion => Task.WhenAll(_workers);

    /// <summary>Queues an item behind the others of its key; one caller at a time.</summary>
    /// <param name="item">The item.</param>
    /// <param name="keyHash">Hash of its key; null when it may go anywhere.</param>
    public void Post(T item, int? keyHash)
    {
        var lane = (uint)(keyHash ?? _next++) % (uint)_lanes.Length;
        _lanes[lane].Writer.TryWrite(item);
    }

    /// <summary>Nothing more comes.</summary>
    public void Complete()
    {
        foreach (var lane in _lanes)
            lane.Writer.TryComplete();
    }

    private static async Task RunAsync(ChannelReader<T> lane, Func<T, Task> work)
    {
        while (await lane.WaitToReadAsync().ConfigureAwait(false))
        {
            while (lane.TryRead(out var item))
                await work(item).ConfigureAwait(false);
        }
    }
}
