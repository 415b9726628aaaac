namespace OrleansLog.Grains;

/// <summary>
/// Begins requests to several partitions side by side, on the pool, and those to one partition one after the other, in the order in which they came.
/// </summary>
internal sealed class PartitionTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicPartition, Task> _lastBegun = [];

    /// <summary>Partitions with requests that are not answered yet.</summary>
    public int Partitions
    {
        get
        {
            lock (_gate)
                return _lastBegun.Count;
        }
    }

    /// <summary>Begins a request in its turn; completes when it is answered.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="begin">Has the request in line when it returns; the next one may begin then.</param>
    public async ValueTask<TResult> RunAsync<TResult>(TopicPartition partition, Func<ValueTask<TResult>> begin)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_gate)
        {
            before = _lastBegun.GetValueOrDefault(partition, Task.CompletedTask);
            _lastBegun[partition] = begun.Task;
        }

        try
        {
            return await Task.Run(async () =>
            {
                await before.ConfigureAwait(false);
                ValueTask<TResult> answer;
                try
                {
                    answer = begin();
                }
                finally
                {
                    begun.SetResult();
                }

                return await answer.ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                if (_lastBegun.TryGetValue(partition, out var last) && last == begun.Task)
                    _lastBegun.Remove(partition);
            }
        }
    }
}
