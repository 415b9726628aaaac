namespace OrleansLog.Grains.Diagnostics;

/// <summary>Lets a few log lines of one kind pass in each minute, and counts the others: neither a client nor a shortage may fill the log.</summary>
public sealed class Complaints(TimeProvider time)
{
    private const int MostAMinute = 10;

    private readonly Lock _gate = new();
    private long _minuteBegan = time.GetTimestamp();
    private int _passed;
    private int _held;

    /// <summary>True when the line may be written; <paramref name="others"/> is how many were held back before it.</summary>
    public bool TryPass(out int others)
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_minuteBegan) >= TimeSpan.FromMinutes(1))
            {
                _minuteBegan = time.GetTimestamp();
                _passed = 0;
            }

            others = _held;
            if (_passed >= MostAMinute)
            {
                _held++;
                return false;
            }

            _passed++;
            _held = 0;
            return true;
        }
    }
}
