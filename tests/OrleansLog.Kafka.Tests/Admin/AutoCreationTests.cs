using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Admin;

/// <summary>Topics that are made because somebody asked for their metadata.</summary>
public sealed class AutoCreationTests
{
    [Fact]
    public async Task A_topic_is_made_only_where_the_broker_and_the_client_both_want_it()
    {
        await using var broker = await KafkaBroker.StartAsync(("num.partitions", "2"));
        using var client = await broker.ConnectAsync();

        Assert.Equal([(ErrorCode.UnknownTopicOrPartition, 0)], await AskAsync(client, allow: false, "made"));
        Assert.Equal([(ErrorCode.None, 2), (ErrorCode.InvalidTopicException, 0)], await AskAsync(client, allow: true, "made", "a/b"));
        Assert.Equal([(ErrorCode.None, 2)], await AskAsync(client, allow: false, "made"));
    }

    [Fact]
    public async Task Where_the_broker_does_not_want_it_a_topic_stays_unknown()
    {
        await using var broker = await KafkaBroker.StartAsync(("auto.create.topics.enable", "false"));
        using var client = await broker.ConnectAsync();

        Assert.Equal([(ErrorCode.UnknownTopicOrPartition, 0)], await AskAsync(client, allow: true, "not-made"));
    }

    private static async Task<IEnumerable<(ErrorCode, int)>> AskAsync(KafkaClient client, bool allow, params string[] topics)
    {
        var request = new MetadataRequestData { Topics = [.. topics.Select(name => new MetadataRequestData.MetadataRequestTopic { Name = name })], AllowAutoTopicCreation = allow };
        return (await client.SendAsync<MetadataResponseData>(request, 4)).Topics.Select(topic => (topic.ErrorCode, topic.Partitions.Count));
    }
}
