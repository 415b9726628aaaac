using Interop.Tests.Clients;

namespace Interop.Tests;

/// <summary>Administration with the tools of each client.</summary>
[Collection(nameof(Bench))]
public class AdminTests(Bench bench)
{
    public static TheoryData<string> Clients => [.. Installed.Clients];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_client_creates_describes_and_deletes_topics(string name)
    {
        var client = await bench.ClientAsync(name);
        var topic = bench.NewName("admin");

        await client.CreateTopicAsync(topic, 3, new Dictionary<string, string> { ["retention.ms"] = "7200000" });

        Assert.Contains(topic, await client.TopicsAsync());
        Assert.Equal(3, await client.PartitionsAsync(topic));
        if (client.Traits.Configs)
            Assert.Equal("7200000", await client.TopicConfigAsync(topic, "retention.ms"));

        await client.DeleteTopicAsync(topic);
        Assert.DoesNotContain(topic, await client.TopicsAsync());
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_client_finds_the_ends_of_a_partition_and_the_offset_of_a_time(string name)
    {
        var client = await bench.ClientAsync(name);
        var topic = await bench.NewTopicAsync("offsets");
        var records = Enumerable.Range(0, 5).Select(number => Sample.Of("k", "v") with { Timestamp = 1_000_000 + (number * 1_000) }).ToArray();
        foreach (var record in records)
            await client.ProduceAsync(topic, 0, "none", idempotent: false, [record]);

        Assert.Equal(new OffsetsView(0, 5, 3), await client.OffsetsAsync(topic, 1_002_500));
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_topic_of_a_hundred_partitions_is_written_in_each(string name)
    {
        var client = await bench.ClientAsync(name);
        var topic = await bench.NewTopicAsync("hundred", partitions: 100);

        Assert.Equal(100, await client.PartitionsAsync(topic));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(partition =>
            client.ProduceAsync(topic, partition, "none", idempotent: false, [Sample.Of("k", $"{partition}")])));

        var ends = await Stored.EndsAsync(bench.Broker, topic, 100);
        Assert.All(ends, end => Assert.Equal(1, end));
    }
}
