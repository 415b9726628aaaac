using Microsoft.Extensions.Logging;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains;

/// <summary>What all parts of one broker share: who it is, its clock, its timeouts, its logs and metrics.</summary>
internal sealed class BrokerContext : IDisposable
{
    public BrokerContext(int brokerId, TimeProvider time, ILogger logger)
    {
        BrokerId = brokerId;
        Time = time;
        Logger = new UnfailingLogger(logger);
        Refused = new RefusedSequences(time);
        OpensWithoutHandle = new Complaints(time);
        UsesWithoutHandle = new Complaints(time);
        Wheel = new TimerWheel(time, e => Logger.BackgroundWorkFailed("timer", e));
    }

    public int BrokerId { get; }

    public TimeProvider Time { get; }

    /// <summary>Where the broker's lines go; it does not throw, whatever an app's logger does.</summary>
    public ILogger Logger { get; }

    public TimerWheel Wheel { get; }

    /// <summary><c>orleanslog.request.wait.max.ms</c>: no request waits longer, whatever it asks for.</summary>
    public required int RequestWaitMaxMs { get; init; }

    /// <summary>Passes the lines about logs that find no file handle: those that are not opened, which may be many, apart from the others.</summary>
    public Complaints OpensWithoutHandle { get; }

    /// <summary>The same for appends and reads.</summary>
    public Complaints UsesWithoutHandle { get; }

    public BrokerMetrics Metrics { get; } = new();

    public AppendRequestPool Requests { get; } = new();

    /// <summary>What was refused of idempotent producers a moment ago.</summary>
    public RefusedSequences Refused { get; }

    /// <summary>Milliseconds since the Unix epoch.</summary>
    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Dispose()
    {
        Wheel.Dispose();
        Metrics.Dispose();
    }
}
