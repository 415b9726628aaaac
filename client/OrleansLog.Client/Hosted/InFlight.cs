namespace OrleansLog.Client;

/// <summary>How many records are read and not done; at the bound reading pauses, and goes on when half of them are done.</summary>
internal sealed class InFlight(int max, Action<bool> setPaused)
{
    private readonly Lock _gate = new();
    private int _count;
    private bool _isPaused;

    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>Most records that a read may bring, also when the pause ends while it waits.</summary>
    public int Room
    {
        get
        {
            lock (_gate)
                return _isPaused ? max - (max / 2) : max - _count;
        }
    }

    public void Add(int records)
    {
        lock (_gate)
        {
            _count += records;
            if (_count >= max && !_isPaused)
                setPaused(_isPaused = true);
        }
    }

    public void Remove()
    {
        lock (_gate)
        {
            _count--;
            if (_isPaused && _count <= max / 2)
                setPaused(_isPaused = false);
        }
    }
}
