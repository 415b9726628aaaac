namespace OrleansLog.Kafka.Tests.Groups;

/// <summary>One broker for the group tests, whose new groups wait for nobody.</summary>
public sealed class GroupsBroker : IAsyncLifetime
{
    public KafkaBroker Broker { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Broker = await KafkaBroker.StartAsync(("group.initial.rebalance.delay.ms", "0"), ("offsets.topic.num.partitions", "3"));
        await Broker.CreateTopicAsync("orders", 2);
    }

    public async Task DisposeAsync() => await Broker.DisposeAsync();
}
