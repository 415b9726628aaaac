namespace OrleansLog.Grains;

/// <summary>
/// How often in a row the metadata log has failed this silo's controllers, each a new one: one line tells of it, and the next one comes after a
/// pause. A full disk would else see dozens a second come up, fail and leave.
/// </summary>
internal sealed class MetadataLogFailures(TimeProvider time)
{
    private const int MaxDoublings = 5;

    /// <summary>The pause after the first failure; it doubles with each.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>After so long without one the next failure is a first again.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private int _inRow;
    private long _lastAt;

    /// <summary>Notes a failure; true for the first in a row, of which somebody should hear.</summary>
    public bool Note()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (time.GetElapsedTime(_lastAt, now) > Quiet)
                _inRow = 0;

            _lastAt = now;
            return ++_inRow == 1;
        }
    }

    /// <summary>How long the next controller is to wait; zero where none has failed lately.</summary>
    public TimeSpan Pause
    {
        get
        {
            lock (_gate)
            {
                var pause = _inRow == 0 ? TimeSpan.Zero : FirstPause * (1 << Math.Min(_inRow - 1, MaxDoublings));
                return pause < LongestPause ? pause : LongestPause;
            }
        }
    }
}
