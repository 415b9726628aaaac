using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>
/// The metadata that this silo has applied. Reading is free of locks; <see cref="BrokerSession"/> alone writes, in the order
/// of the log.
/// </summary>
public sealed class MetadataCache
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Waiter, long> _waiters = new();
    private MetadataImage _current = MetadataImage.Empty;

    /// <summary>
    /// Raised after <see cref="Current"/> has moved, one change at a time and in order, on the session's loop. Handlers are
    /// quick and do not throw: they note what to do and do it elsewhere.
    /// </summary>
    public event Action<MetadataDelta>? Changed;

    /// <summary>The newest image.</summary>
    public MetadataImage Current => Volatile.Read(ref _current);

    /// <summary>Its version.</summary>
    public long Version => Current.Version;

    /// <summary>Held by whoever turns an answer into changes, so that two answers do not mix.</summary>
    internal Lock FeedGate { get; } = new();

    /// <summary>Completes with the image once <paramref name="version"/> or a later one is applied.</summary>
    /// <param name="version">Metadata version, as admin answers carry it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<MetadataImage> WaitForVersionAsync(long version, CancellationToken cancellationToken = default)
    {
        var current = Current;
        if (current.Version >= version)
        {
            return new ValueTask<MetadataImage>(current);
        }

        var waiter = new Waiter();
        lock (_gate)
        {
            if (_current.Version >= version)
            {
                return new ValueTask<MetadataImage>(_current);
            }

            _waiters.Enqueue(waiter, version);
        }

        return new ValueTask<MetadataImage>(waiter.Task.WaitAsync(cancellationToken));
    }

    /// <summary>Moves to the next image; called by the session's loop and by tests.</summary>
    /// <param name="delta">The change; its previous image is <see cref="Current"/>.</param>
    public void Publish(MetadataDelta delta)
    {
        ArgumentNullException.ThrowIfNull(delta);
        List<Waiter>? reached = null;
        lock (_gate)
        {
            if (!ReferenceEquals(delta.Previous, _current))
            {
                throw new InvalidOperationException($"metadata {delta.Current.Version} does not follow {_current.Version}");
            }

            Volatile.Write(ref _current, delta.Current);
            while (_waiters.TryPeek(out var waiter, out var version) && version <= delta.Current.Version)
            {
                _waiters.Dequeue();
                (reached ??= []).Add(waiter);
            }
        }

        Changed?.Invoke(delta);
        if (reached is not null)
        {
            foreach (var waiter in reached)
            {
                waiter.TrySetResult(delta.Current);
            }
        }
    }

    private sealed class Waiter() : TaskCompletionSource<MetadataImage>(TaskCreationOptions.RunContinuationsAsynchronously);
}
