namespace OrleansLog;

/// <summary>
/// The answers of several brokers that one <see cref="FetchResult"/> is made of, and owns. Disposing it disposes them, and at once those that
/// come later: when one broker's answer failed, or nobody waits any more, the others' memory must not stay out.
/// </summary>
public sealed class FetchParts : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<FetchResult> _parts = [];
    private bool _isDisposed;

    /// <summary>Takes an answer.</summary>
    public void Add(FetchResult part)
    {
        ArgumentNullException.ThrowIfNull(part);
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _parts.Add(part);
                return;
            }
        }

        part.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
            _isDisposed = true;

        foreach (var part in _parts)
            part.Dispose();
    }
}
