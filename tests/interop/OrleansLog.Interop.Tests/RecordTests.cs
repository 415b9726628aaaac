using Interop.Tests.Clients;

namespace Interop.Tests;

/// <summary>Every byte of a record comes back, whoever wrote and whoever reads.</summary>
[Collection(nameof(Bench))]
public class RecordTests(Bench bench)
{
    public static TheoryData<string> Clients => [.. Installed.Clients];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task What_a_client_writes_with_each_codec_is_read_by_itself_by_Confluent_and_by_the_sdk(string name)
    {
        var client = await bench.ClientAsync(name);
        var confluent = await bench.ClientAsync(Installed.Confluent);
        var sent = Sample.Records(client.Traits);
        await ForEachCodecAsync(client, async codec =>
        {
            var topic = await bench.NewTopicAsync($"written-{codec}");
            await client.ProduceAsync(topic, 0, codec, idempotent: false, sent);

            Same(sent, await confluent.ConsumeAsync(topic, sent.Length));
            Same(sent, await Sdk.ConsumeAsync(bench.Servers, topic));
            Same(sent, await client.ConsumeAsync(topic, sent.Length));
        });
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task What_the_sdk_and_Confluent_write_with_each_codec_is_read_by_a_client(string name)
    {
        var client = await bench.ClientAsync(name);
        var confluent = await bench.ClientAsync(Installed.Confluent);
        var sent = Sample.Records(client.Traits);
        await ForEachCodecAsync(client, async codec =>
        {
            var (fromSdk, fromConfluent) = (await bench.NewTopicAsync($"sdk-{codec}"), await bench.NewTopicAsync($"confluent-{codec}"));
            await Sdk.ProduceAsync(bench.Servers, fromSdk, codec, sent);
            await confluent.ProduceAsync(fromConfluent, 0, codec, idempotent: true, sent);

            if (codec != "snappy" || client.Traits.FramedSnappy)
                Same(sent, await client.ConsumeAsync(fromSdk, sent.Length));

            Same(sent, await client.ConsumeAsync(fromConfluent, sent.Length));
        });
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Large_batches_arrive_whole_and_in_order(string name)
    {
        var client = await bench.ClientAsync(name);
        var sent = Sample.Many();
        var topic = await bench.NewTopicAsync("large");
        foreach (var part in sent.Chunk(700))
            await client.ProduceAsync(topic, 0, client.Traits.Codecs[^1], idempotent: false, part);

        Same(sent, await client.ConsumeAsync(topic, sent.Length));
        Same(sent, await Sdk.ConsumeAsync(bench.Servers, topic));
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_record_of_nearly_a_mebibyte_goes_through(string name)
    {
        var client = await bench.ClientAsync(name);
        var topic = await bench.NewTopicAsync("largest");
        await client.ProduceAsync(topic, 0, "none", idempotent: false, [Sample.Largest()]);

        Same([Sample.Largest()], await client.ConsumeAsync(topic, 1));
        Same([Sample.Largest()], await Sdk.ConsumeAsync(bench.Servers, topic));
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task An_idempotent_producer_writes_each_record_once(string name)
    {
        var client = await bench.ClientAsync(name);
        if (!client.Traits.Idempotent)
            return;

        var sent = Sample.Many(300);
        var topic = await bench.NewTopicAsync("idempotent");
        foreach (var part in sent.Chunk(100))
            await client.ProduceAsync(topic, 0, "none", idempotent: true, part);

        Same(sent, await Sdk.ConsumeAsync(bench.Servers, topic));
        Assert.NotEqual(-1, Stored.ProducerId(bench.Broker, topic));
    }

    private static Task ForEachCodecAsync(IInteropClient client, Func<string, Task> test) =>
        Task.WhenAll(client.Traits.Codecs.Select(async codec =>
        {
            try
            {
                await test(codec);
            }
            catch (Exception error)
            {
                throw new InteropException($"{client.Traits.Client} with {codec}: {error}");
            }
        }));

    private static void Same(IReadOnlyList<Rec> sent, IReadOnlyList<Rec> read) =>
        Assert.Equal(string.Join('\n', sent.Select(record => record.Describe())), string.Join('\n', read.Select(record => record.Describe())));
}
