using System.Diagnostics.CodeAnalysis;

namespace OrleansLog.Grains.Timing;

/// <summary>
/// What callers hand to one thread of the broker's own: it takes all that has gathered at once, in order, and sleeps while there is nothing. Nothing is allocated once the two lists
/// have grown to their size.
/// </summary>
/// <typeparam name="T">A piece of work.</typeparam>
internal sealed class GatheredWork<T>
{
    private readonly Lock _gate = new();
    private readonly ThreadSignal _signal = new();
    private List<T> _incoming = [];
    private List<T> _taken = [];
    private bool _isStopping;

    /// <summary>Adds a piece, and wakes the thread if it is the first one; false after <see cref="Stop"/>.</summary>
    public bool TryAdd(T work)
    {
        lock (_gate)
        {
            if (_isStopping)
                return false;

            _incoming.Add(work);
            if (_incoming.Count > 1)
                return true;
        }

        _signal.Raise();
        return true;
    }

    /// <summary>Waits for work; the thread's alone. False once all is taken after <see cref="Stop"/>.</summary>
    /// <param name="taken">What has gathered, until the next call.</param>
    public bool TryTakeAll([NotNullWhen(true)] out List<T>? taken)
    {
        _taken.Clear();
        while (true)
        {
            lock (_gate)
            {
                if (_incoming.Count > 0)
                {
                    (_taken, _incoming) = (_incoming, _taken);
                    taken = _taken;
                    return true;
                }

                if (_isStopping)
                {
                    taken = null;
                    return false;
                }
            }

            _signal.Wait();
        }
    }

    /// <summary>Takes no more.</summary>
    public void Stop()
    {
        lock (_gate)
            _isStopping = true;

        _signal.Raise();
    }
}
