namespace OrleansLog.Kafka.Network;

/// <summary>When something last moved on a connection, for those who look for idle ones; written by the connection, read by the sweep.</summary>
internal sealed class ConnectionActivity(TimeProvider time)
{
    private long _lastAt = time.GetTimestamp();
    private volatile bool _isMidRequest;

    /// <summary>True between the first and the last byte of a request.</summary>
    public bool MidRequest
    {
        get => _isMidRequest;
        set => _isMidRequest = value;
    }

    /// <summary>Time since something moved.</summary>
    public TimeSpan Quiet => time.GetElapsedTime(Interlocked.Read(ref _lastAt));

    public void Touch() => Interlocked.Exchange(ref _lastAt, time.GetTimestamp());
}
