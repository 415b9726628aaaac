using Microsoft.Extensions.Logging;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Replication;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains;

/// <summary>What all parts of one broker share: who it is, its clock, its timeouts, its logs and metrics.</summary>
internal sealed class BrokerContext : IDisposable
{
    private long _brokerEpoch = -1;

    public BrokerContext(int brokerId, TimeProvider time, ILogger logger)
    {
        BrokerId = brokerId;
        Time = time;
        Logger = new UnfailingLogger(logger);
        Refused = new RefusedSequences(time);
        OpensWithoutHandle = new Complaints(time);
        UsesWithoutHandle = new Complaints(time);
        IsrRequests = new IsrRequests(this);
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

    /// <summary>The metadata that the broker has applied.</summary>
    public MetadataCache Metadata { get; init; } = new();

    /// <summary><c>replica.lag.time.max.ms</c>.</summary>
    public long ReplicaLagTimeMaxMs { get; init; } = 30_000;

    /// <summary><c>replica.fetch.backoff.ms</c>.</summary>
    public int ReplicaFetchBackOffMs { get; init; } = 1000;

    /// <summary>Whether consumers are sent to a replica of their own rack (KIP-392).</summary>
    public bool SelectsReplicaByRack { get; init; }

    /// <summary>The metadata version of the broker's registration, or -1 before it.</summary>
    public long BrokerEpoch
    {
        get => Interlocked.Read(ref _brokerEpoch);
        set => Interlocked.Exchange(ref _brokerEpoch, value);
    }

    /// <summary>Milliseconds of a clock that nobody sets.</summary>
    public long MonotonicMs => Time.MonotonicMs();

    /// <summary>Asks the controller for the ISRs that leaders here want.</summary>
    public IsrRequests IsrRequests { get; }

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
