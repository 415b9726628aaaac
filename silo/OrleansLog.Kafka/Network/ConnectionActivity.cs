namespace OrleansLog.Kafka.Network;

/// <summary>When something last moved on a connection, for those who look for idle ones; written by the connection, read by the sweep.</summary>
internal sealed class ConnectionActivity(TimeProvider time)
{
    /// <summary>What has to come within the time of a stall: a client that sends single bytes does not get on.</summary>
    private const int StepBytes = 64 * 1024;

    private long _lastAt = time.GetTimestamp();
    private long _stepAt;
    private int _stepBytes;
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

    /// <summary>Bytes of a request came.</summary>
    public void Received(int bytes)
    {
        Touch();
        _stepBytes += bytes;
        if (_stepBytes >= StepBytes)
            BeginStep();
    }

    public void Touch() => Interlocked.Exchange(ref _lastAt, time.GetTimestamp());

    private void BeginStep()
    {
        _stepBytes = 0;
        Interlocked.Exchange(ref _stepAt, time.GetTimestamp());
    }
}
