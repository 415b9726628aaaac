using OrleansLog.Testing;

namespace OrderService.Tests;

/// <summary>One broker for all tests of a class.</summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    public TestBroker Broker { get; private set; } = null!;

    public async Task InitializeAsync() => Broker = await TestBroker.StartAsync();

    public async Task DisposeAsync() => await Broker.DisposeAsync();
}
