using Microsoft.Extensions.Logging;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains;

/// <summary>What all parts of one broker share: who it is, its clock, its timeouts, its logs and metrics.</summary>
internal sealed class BrokerContext(int brokerId, TimeProvider time, ILogger logger) : IDisposable
{
    public int BrokerId { get; } = brokerId;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    public TimerWheel Wheel { get; } = new(time);

    public BrokerMetrics Metrics { get; } = new();

    public AppendRequestPool Requests { get; } = new();

    /// <summary>What was refused of idempotent producers a moment ago.</summary>
    public RefusedSequences Refused { get; } = new(time);

    /// <summary>Milliseconds since the Unix epoch.</summary>
    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Dispose()
    {
        Wheel.Dispose();
        Metrics.Dispose();
    }
}
