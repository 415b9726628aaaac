namespace OrleansLog.Kafka.Tests.Admin;

/// <summary>One broker for the tests of a class, and a connection to it.</summary>
public sealed class OneBroker : IAsyncLifetime
{
    public KafkaBroker Broker { get; private set; } = null!;

    public KafkaClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Broker = await KafkaBroker.StartAsync(("max.request.partition.size.limit", "5"));
        Client = await Broker.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await Broker.DisposeAsync();
    }
}
