using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>A cluster of three brokers for the tests of a class, each of which leaves it whole; with topics of its own.</summary>
public class SharedBrokers : IAsyncLifetime
{
    private ThreeBrokers? _cluster;

    internal ThreeBrokers Cluster => _cluster!;

    private protected virtual bool IsAvailable => PostgresServer.Unavailable is null;

    /// <summary>Whether each broker is a host of its own, whose links can be cut.</summary>
    private protected virtual bool InNetwork => false;

    /// <summary>Silos that start with the brokers and are none.</summary>
    private protected virtual IReadOnlyList<int> Besides => [];

    public virtual async Task InitializeAsync() => _cluster = IsAvailable ? await ThreeBrokers.StartAsync(Adapt, InNetwork, Besides) : null;

    public virtual async Task DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    private protected virtual SiloLaunch Adapt(SiloLaunch launch) => launch;
}

/// <summary>Tests that share such a cluster run one after the other.</summary>
[CollectionDefinition(nameof(ScrubbingBrokers))]
public sealed class ScrubbingBrokersCollection : ICollectionFixture<ScrubbingBrokers>;

/// <summary>
/// The same, of brokers that read all that lies on their disk again as soon as they have started, and tell who leads. Nobody leaves an ISR for mere
/// lag: who has lost something is to leave it at once.
/// </summary>
public sealed class ScrubbingBrokers : SharedBrokers
{
    private protected override SiloLaunch Adapt(SiloLaunch launch) => launch with
    {
        LogLevel = "Information",
        Settings = new Dictionary<string, string>(launch.Settings)
        {
            ["log.initial.task.delay.ms"] = "0",
            ["orleanslog.scrub.bytes.per.second"] = "1000000000",
            ["replica.lag.time.max.ms"] = "3600000",
        },
    };
}
