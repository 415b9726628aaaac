namespace OrleansLog.Grains.Appending;

/// <summary>Append requests to use again; keeps at most a fixed number.</summary>
internal sealed class AppendRequestPool
{
    private const int MaxKept = 1024;

    private readonly Lock _gate = new();
    private readonly AppendRequest[] _kept = new AppendRequest[MaxKept];
    private int _count;

    public AppendRequest Rent()
    {
        lock (_gate)
        {
            if (_count > 0)
                return _kept[--_count];
        }

        return new AppendRequest(this);
    }

    public void Return(AppendRequest request)
    {
        lock (_gate)
        {
            if (_count < MaxKept)
                _kept[_count++] = request;
        }
    }
}
