namespace OrleansLog.Kafka.Replication;

/// <summary>
/// Tells when another broker has owed an answer for too long without a byte of it coming. It counts the ticks of a timer, not time: while this process
/// stands still itself there are none, and nobody is suspected for it.
/// </summary>
/// <param name="silenceMaxMs">The longest silence, in milliseconds; 0 for any.</param>
internal sealed class SilenceWatch(long silenceMaxMs)
{
    /// <summary>Time between two ticks, in milliseconds.</summary>
    public const int TickMs = 250;

    // The first one may come right after the last byte.
    private readonly long _ticksMost = (silenceMaxMs + TickMs - 1) / TickMs;
    private long _ticks;
    private volatile bool _isOwed;

    /// <summary>The longest silence, in milliseconds.</summary>
    public long SilenceMaxMs => silenceMaxMs;

    /// <summary>Whether any silence is too long.</summary>
    public bool IsOn => silenceMaxMs > 0;

    /// <summary>An answer is waited for from now on.</summary>
    public void Owed()
    {
        Heard();
        _isOwed = true;
    }

    /// <summary>Something came.</summary>
    public void Heard() => Volatile.Write(ref _ticks, 0);

    /// <summary>Nothing is waited for any more.</summary>
    public void Settled() => _isOwed = false;

    /// <summary>One tick; true when the silence has been too long.</summary>
    public bool Tick() => IsOn && _isOwed && Interlocked.Increment(ref _ticks) > _ticksMost;
}
