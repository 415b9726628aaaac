using Confluent.Kafka;
using Interop.Tests.Clients;

namespace Interop.Tests;

/// <summary>Clients of 2019 and before: those that know record batches work, whatever they take the broker for.</summary>
[Collection(nameof(Bench))]
public class OldClientTests(Bench bench)
{
    [NeedsClient(Installed.KafkaPython)]
    public async Task A_client_that_takes_the_broker_for_version_0_11_writes_and_reads()
    {
        await using var old = await Installed.StartPythonAsync(bench.Servers, "0.11.0");
        var topic = await bench.NewTopicAsync("old");
        var sent = Sample.Records(old.Traits);

        await old.ProduceAsync(topic, 0, "gzip", idempotent: false, sent);

        Assert.Equal(sent.Select(record => record.Describe()), (await old.ConsumeAsync(topic, sent.Length)).Select(record => record.Describe()));
    }

    [Fact]
    public async Task A_producer_that_does_not_ask_for_versions_writes_record_batches_all_the_same()
    {
        var topic = await bench.NewTopicAsync("older");
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = bench.Servers,
            ApiVersionRequest = false,
            BrokerVersionFallback = "0.10.0",
            MessageTimeoutMs = (int)Pause.Hangs.TotalMilliseconds,
            LingerMs = 0,
        }).Build();

        await producer.ProduceAsync(topic, new Message<string, string> { Value = "old" });

        Assert.Equal("old", System.Text.Encoding.UTF8.GetString((await Sdk.ConsumeAsync(bench.Servers, topic)).Single().Value!));
    }
}
