namespace OrleansLog.Kafka.Network;

/// <summary>When something last moved on a connection, for those who look for idle ones; written by the connection, read by the sweep.</summary>
internal sealed class ConnectionActivity(TimeProvider time)
{
    /// <summary>What has to come within the time of a stall: a client that sends single bytes does not get on.</summary>
    private const int StepBytes = 64 * 1024;

    private long _lastAt = time.GetTimestamp();
    private long _stepAt;
    private int _stepBytes;
    private long _receivedBytes;
    private long _heldBytes;
    private long _receivedAtLook;
    private long _heldAtLook;
    private volatile bool _isMidRequest;

    /// <summary>True between the first and the last byte of a request.</summary>
    public bool MidRequest
    {
        get => _isMidRequest;
        set
        {
            if (value && !_isMidRequest)
                BeginStep();

            _isMidRequest = value;
        }
    }

    /// <summary>Time since a request got on by a step, or began.</summary>
    public TimeSpan Stalled => time.GetElapsedTime(Interlocked.Read(ref _stepAt));

    /// <summary>Time since something moved.</summary>
    public TimeSpan Quiet => time.GetElapsedTime(Interlocked.Read(ref _lastAt));

    /// <summary>Bytes that came so far.</summary>
    public long ReceivedBytes => Interlocked.Read(ref _receivedBytes);

    /// <summary>Memory that its large requests hold, from their first step until they are answered.</summary>
    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>A large request holds more or, with a negative number, less.</summary>
    public void Hold(long bytes) => Interlocked.Add(ref _heldBytes, bytes);

    /// <summary>Bytes of a request came.</summary>
    public void Received(int bytes)
    {
        Touch();
        Interlocked.Add(ref _receivedBytes, bytes);
        _stepBytes += bytes;
        if (_stepBytes >= StepBytes)
            BeginStep();
    }

    public void Touch() => Interlocked.Exchange(ref _lastAt, time.GetTimestamp());

    /// <summary>Whether a request in the middle came at less than a pace since the last look, while it held memory the whole time. The sweep's alone.</summary>
    public bool IsSlow(double leastBytes)
    {
        var (received, held) = (ReceivedBytes, HeldBytes);
        var isSlow = MidRequest && held > 0 && _heldAtLook > 0 && received - _receivedAtLook < leastBytes;
        (_receivedAtLook, _heldAtLook) = (received, held);
        return isSlow;
    }

    private void BeginStep()
    {
        _stepBytes = 0;
        Interlocked.Exchange(ref _stepAt, time.GetTimestamp());
    }
}
