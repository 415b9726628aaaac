using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>
/// The metadata that this silo has applied. Reading is free of locks; <see cref="BrokerSession"/> alone writes, in the order
/// of the log.
/// </summary>
public sealed class MetadataCache
{
    private readonly Lock _gate = new();
    private readonly VersionWaiters _waiters = new();
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

    /// <summary>How many wait for a version.</summary>
    internal int Waiting => _waiters.Count;

    /// <summary>Held by whoever turns an answer into changes, so that two answers do not mix.</summary>
    internal Lock FeedGate { get; } = new();

    /// <summary>Completes with the image once <paramref name="version"/> or a later one is applied.</summary>
    /// <param name="version">Metadata version, as admin answers carry it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<MetadataImage> WaitForVersionAsync(long version, CancellationToken cancellationToken = default) =>
        WaitForVersionAsync(version, Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    /// <summary>The same for so long and no longer.</summary>
    /// <exception cref="TimeoutException">It did not come within the limit.</exception>
    internal ValueTask<MetadataImage> WaitForVersionAsync(long version, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken = default)
    {
        var current = Current;
        return current.Version >= version ? new(current) : new(WaitAsync(version, limit, time, cancellationToken));
    }

    /// <summary>Moves to the next image; called by the session's loop and by tests.</summary>
    /// <param name="delta">The change; its previous image is <see cref="Current"/>.</param>
    public void Publish(MetadataDelta delta)
    {
        ArgumentNullException.ThrowIfNull(delta);
        lock (_gate)
        {
            if (!ReferenceEquals(delta.Previous, _current))
            {
                throw new InvalidOperationException($"metadata {delta.Current.Version} does not follow {_current.Version}");
            }

            Volatile.Write(ref _current, delta.Current);
        }

        Changed?.Invoke(delta);
        _waiters.Reach(delta.Current.Version);
    }

    private async Task<MetadataImage> WaitAsync(long version, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        await _waiters.WaitAsync(version, limit, time, cancellationToken).ConfigureAwait(false);
        return Current;
    }
}
