using Confluent.Kafka;
using OrleansLog.TestKit;

namespace OrleansLog.Testing.Tests;

/// <summary>A stock Kafka client in a line.</summary>
internal static class KafkaClients
{
    /// <summary>Whatever takes longer hangs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static IProducer<string, string> Producer(TestBroker broker) =>
        new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 0 }).Build();

    public static IConsumer<string, string> Consumer(TestBroker broker, string group = "tests") =>
        new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = group,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();

    public static async Task ProduceAsync(TestBroker broker, string topic, params string[] values)
    {
        using var producer = Producer(broker);
        foreach (var value in values)
            await producer.ProduceAsync(topic, new Message<string, string> { Key = "k", Value = value });
    }

    /// <summary>The first records of a topic, in the order they come.</summary>
    public static Task<string[]> ReadAsync(TestBroker broker, string topic, int count, string group = "tests") =>
        OwnThread.RunAsync(() => Read(broker, topic, count, group));

    private static string[] Read(TestBroker broker, string topic, int count, string group)
    {
        using var consumer = Consumer(broker, group);
        consumer.Subscribe(topic);
        var read = new List<string>();
        while (read.Count < count)
            read.Add((consumer.Consume(Patience) ?? throw new TimeoutException($"{read.Count} of {count} records came")).Message.Value);

        consumer.Close();
        return [.. read];
    }
}
