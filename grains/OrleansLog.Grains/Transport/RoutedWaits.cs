namespace OrleansLog.Grains;

/// <summary>The waits of one fetch at several brokers: the first that answers with something, or cannot, ends the others, which answer with what they have.</summary>
internal sealed class RoutedWaits : IDisposable
{
    private readonly Guid _id = Guid.NewGuid();
    private readonly Lock _gate = new();
    private readonly List<IBrokerGrain> _waiting = [];
    private readonly CancellationTokenSource _local;
    private bool _isEnded;

    /// <param name="cancellationToken">Ends all waits.</param>
    public RoutedWaits(CancellationToken cancellationToken) => _local = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    /// <summary>Fetches from this process's broker.</summary>
    public async Task<FetchResult> FetchAsync(LocalBroker local, FetchRequest request)
    {
        // Reads touch the disk, and the caller may be a grain (D4).
        var result = await Task.Run(() => local.FetchAsync(request, _local.Token).AsTask()).ConfigureAwait(false);
        EndIfNews(result);
        return result;
    }

    /// <summary>Fetches from another broker.</summary>
    public async Task<FetchResult> FetchAsync(IBrokerGrain broker, FetchRequest request)
    {
        try
        {
            var fetching = broker.FetchAsync(request, _id);
            if (!TryAdd(broker))
                End(broker);

            var result = await fetching.ConfigureAwait(false);
            lock (_gate)
                _waiting.Remove(broker);

            EndIfNews(result);
            return result;
        }
        catch
        {
            EndAll();
            throw;
        }
    }

    public void Dispose()
    {
        EndAll();
        _local.Dispose();
    }

    private void EndIfNews(FetchResult result)
    {
        foreach (ref readonly var partition in result.Partitions.AsSpan())
        {
            if (partition.Error == ErrorCode.None && partition.Records.IsEmpty && partition.Diverging is null)
                continue;

            EndAll();
            return;
        }
    }

    private bool TryAdd(IBrokerGrain broker)
    {
        lock (_gate)
        {
            if (!_isEnded)
                _waiting.Add(broker);

            return !_isEnded;
        }
    }

    private void EndAll()
    {
        IBrokerGrain[] waiting;
        lock (_gate)
        {
            if (_isEnded)
                return;

            _isEnded = true;
            waiting = [.. _waiting];
        }

        _local.Cancel();
        foreach (var broker in waiting)
            End(broker);
    }

    // It is sent and not answered. Where it does not arrive, the fetch answers when its own time is up.
    private void End(IBrokerGrain broker) => broker.EndWaitAsync(_id).Ignore();
}
