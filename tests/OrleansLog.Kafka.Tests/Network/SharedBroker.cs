namespace OrleansLog.Kafka.Tests.Network;

/// <summary>One broker for the tests that leave it as it is.</summary>
public sealed class SharedBroker : IAsyncLifetime
{
    public KafkaBroker Broker { get; private set; } = null!;

    public async Task InitializeAsync() => Broker = await KafkaBroker.StartAsync(("orleanslog.flush.policy", "os"));

    public async Task DisposeAsync() => await Broker.DisposeAsync();
}
