namespace OrleansLog.Grains.Appending;

/// <summary>The appender threads; each partition belongs to one of them (D4).</summary>
internal sealed class AppenderPool : IDisposable
{
    private const int MaxAutomatic = 8;

    private readonly Appender[] _appenders;
    private int _next;

    /// <param name="threads"><c>orleanslog.appender.threads</c>; 0 takes one per processor, at most 8.</param>
    /// <param name="queueMaxBytes"><c>orleanslog.appender.queue.max.bytes</c>.</param>
    /// <param name="waitingMax"><c>orleanslog.appender.waiting.max</c>.</param>
    /// <param name="broker">The broker.</param>
    public AppenderPool(int threads, long queueMaxBytes, int waitingMax, BrokerContext broker)
    {
        Admission = new AppendAdmission(queueMaxBytes, waitingMax, broker.Wheel);
        _appenders = new Appender[threads > 0 ? threads : Math.Clamp(Environment.ProcessorCount, 1, MaxAutomatic)];
        for (var i = 0; i < _appenders.Length; i++)
            _appenders[i] = new Appender(i, Admission);
    }

    /// <summary>The bound on what waits for the disk.</summary>
    public AppendAdmission Admission { get; }

    /// <summary>The appender of a partition: dealt out in turn, so that the partitions of one topic spread evenly.</summary>
    public Appender Next() => _appenders[(uint)Interlocked.Increment(ref _next) % (uint)_appenders.Length];

    /// <summary>Appends what is queued, then ends the threads.</summary>
    public void Dispose()
    {
        foreach (var appender in _appenders)
            appender.Dispose();
    }
}
