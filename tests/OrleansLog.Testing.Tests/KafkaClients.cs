using Confluent.Kafka;
using OrleansLog.TestKit;

namespace OrleansLog.Testing.Tests;

/// <summary>A stock Kafka client in a line.</summary>
internal static class KafkaClients
{
    /// <summary>Whatever takes longer hangs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static IProducer<string, string> Producer(TestBroker broker) => Producer(broker.BootstrapServers);

    public static IProducer<string, string> Producer(string bootstrapServers) =>
        new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = bootstrapServers, LingerMs = 0 }).Build();

    public static IConsumer<string, string> Consumer(TestBroker broker, string group = "tests") => Consumer(broker.BootstrapServers, group);

    public static IConsumer<string, string> Consumer(string bootstrapServers, string group) =>
        new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
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
        ReadAsync(broker.BootstrapServers, topic, count, group);

    public static Task<string[]> ReadAsync(string bootstrapServers, string topic, int count, string group = "tests") =>
        OwnThread.RunAsync(() => Read(bootstrapServers, topic, count, group));

    private static string[] Read(string bootstrapServers, string topic, int count, string group)
    {
        using var consumer = Consumer(bootstrapServers, group);
        consumer.Subscribe(topic);
        var read = new List<string>();
        while (read.Count < count)
            read.Add((consumer.Consume(Patience) ?? throw new TimeoutException($"{read.Count} of {count} records came")).Message.Value);

        consumer.Close();
        return [.. read];
    }
}
