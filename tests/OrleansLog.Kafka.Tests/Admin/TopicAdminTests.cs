using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Admin;

/// <summary>Deleting, growing and describing topics, and deleting records, over the wire.</summary>
public sealed class TopicAdminTests(OneBroker fixture) : IClassFixture<OneBroker>
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Topics_are_deleted_by_name(short version)
    {
        var name = $"gone-{version}";
        await fixture.Broker.CreateTopicAsync(name);

        var answer = await DeleteAsync(new DeleteTopicsRequestData { TopicNames = [name, "nope", "twice", "twice", "__consumer_offsets"] }, version);

        Assert.Equal(
            [("__consumer_offsets", ErrorCode.InvalidTopicException), (name, ErrorCode.None), ("nope", ErrorCode.UnknownTopicOrPartition), ("twice", ErrorCode.InvalidRequest)],
            answer.Responses.Select(topic => (topic.Name!, topic.ErrorCode)).Order());
    }

    [Fact]
    public async Task Topics_are_deleted_by_id_and_an_id_that_is_none_is_unknown()
    {
        await fixture.Broker.CreateTopicAsync("by-id");
        var id = Uuid.FromGuid((await fixture.Broker.Transport.GetMetadataAsync(["by-id"], 0, default)).Topics[0].TopicId);

        var answer = await DeleteAsync(
            new DeleteTopicsRequestData
            {
                Topics = [new() { TopicId = id }, new() { TopicId = new Uuid(1, 2) }, new() { Name = "both", TopicId = id }, new()],
            },
            6);

        Assert.Equal(
            [ErrorCode.InvalidRequest, ErrorCode.InvalidRequest, ErrorCode.None, ErrorCode.UnknownTopicId],
            answer.Responses.Select(topic => topic.ErrorCode));
        Assert.Equal(("by-id", id, null), (answer.Responses[2].Name, answer.Responses[2].TopicId, answer.Responses[2].ErrorMessage));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Partitions_are_added_and_each_refusal_is_for_its_topic(short version)
    {
        var name = $"grows-{version}";
        await fixture.Broker.CreateTopicAsync(name, partitions: 2);
        var request = new CreatePartitionsRequestData
        {
            TimeoutMs = 60_000,
            Topics =
            [
                new() { Name = name, Count = 3, Assignments = null },
                new() { Name = "nope", Count = 3, Assignments = null },
                new() { Name = "twice", Count = 3, Assignments = null },
                new() { Name = "twice", Count = 4, Assignments = null },
                new() { Name = "__consumer_offsets", Count = 99, Assignments = null },
            ],
        };

        var answer = await fixture.Client.SendAsync<CreatePartitionsResponseData>(request, version);

        Assert.Equal(
            [
                ("__consumer_offsets", ErrorCode.InvalidTopicException), (name, ErrorCode.None),
                ("nope", ErrorCode.UnknownTopicOrPartition), ("twice", ErrorCode.InvalidRequest),
            ],
            answer.Results.Select(topic => (topic.Name, topic.ErrorCode)).Order());
        var again = await fixture.Client.SendAsync<CreatePartitionsResponseData>(new CreatePartitionsRequestData { TimeoutMs = 60_000, Topics = [request.Topics[0]] }, version);
        Assert.Equal(ErrorCode.InvalidPartitions, again.Results[0].ErrorCode);
        var wrong = new CreatePartitionsRequestData { Topics = [new() { Name = name, Count = 5, Assignments = [new() { BrokerIds = [1] }] }] };
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, (await fixture.Client.SendAsync<CreatePartitionsResponseData>(wrong, version)).Results[0].ErrorCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Records_are_deleted_up_to_the_high_watermark_and_not_beyond(short version)
    {
        var name = $"records-{version}";
        await fixture.Broker.CreateTopicAsync(name);
        var request = new DeleteRecordsRequestData
        {
            Topics =
            [
                new() { Name = name, Partitions = [new() { PartitionIndex = 0, Offset = -1 }, new() { PartitionIndex = 7, Offset = 0 }] },
                new() { Name = name, Partitions = [new() { PartitionIndex = 0, Offset = 5 }] },
                new() { Name = "nope", Partitions = [new() { PartitionIndex = 0, Offset = 0 }] },
                new() { Name = "__consumer_offsets", Partitions = [new() { PartitionIndex = 0, Offset = 0 }] },
            ],
        };

        var answer = await fixture.Client.SendAsync<DeleteRecordsResponseData>(request, version);

        Assert.Equal(
            [
                (ErrorCode.None, 0L), (ErrorCode.UnknownTopicOrPartition, -1L), (ErrorCode.OffsetOutOfRange, -1L),
                (ErrorCode.UnknownTopicOrPartition, -1L), (ErrorCode.InvalidTopicException, -1L),
            ],
            answer.Topics.SelectMany(topic => topic.Partitions).Select(partition => (partition.ErrorCode, partition.LowWatermark)));
    }

    [Fact]
    public async Task Topics_are_described_a_page_at_a_time_in_the_order_of_their_names()
    {
        await fixture.Broker.CreateTopicAsync("page-a", partitions: 3);
        await fixture.Broker.CreateTopicAsync("page-b", partitions: 4);
        var request = new DescribeTopicPartitionsRequestData { Topics = [new() { Name = "page-b" }, new() { Name = "page-a" }, new() { Name = "page-z" }, new() { Name = "a/b" }] };

        var first = await fixture.Client.SendAsync<DescribeTopicPartitionsResponseData>(request, 0);
        request.Cursor = new() { TopicName = first.NextCursor!.TopicName, PartitionIndex = first.NextCursor.PartitionIndex };
        var second = await fixture.Client.SendAsync<DescribeTopicPartitionsResponseData>(request, 0);

        Assert.Equal([("a/b", ErrorCode.InvalidTopicException, 0), ("page-a", ErrorCode.None, 3), ("page-b", ErrorCode.None, 2)], Shape(first));
        Assert.Equal(("page-b", 2), (first.NextCursor.TopicName, first.NextCursor.PartitionIndex));
        Assert.Equal([("page-b", ErrorCode.None, 2), ("page-z", ErrorCode.UnknownTopicOrPartition, 0)], Shape(second));
        Assert.Null(second.NextCursor);
        request.Cursor.PartitionIndex = -1;
        Assert.All((await fixture.Client.SendAsync<DescribeTopicPartitionsResponseData>(request, 0)).Topics, topic => Assert.Equal(ErrorCode.InvalidRequest, topic.ErrorCode));
    }

    /// <summary>A page has 5 partitions here. Whatever the cursor says, the answer is a page from there on, and pages end.</summary>
    [Theory]
    [InlineData("odd-a", 0, int.MaxValue, "odd-a:3,odd-b:2", "odd-b", 2)]
    [InlineData("odd-a", 0, 0, "odd-a:1", "odd-a", 1)]
    [InlineData("odd-a", 0, int.MinValue, "odd-a:1", "odd-a", 1)]
    [InlineData("odd-a", 0, 3, "odd-a:3", "odd-b", 0)]
    [InlineData("odd-a", 3, 5, "odd-a:0,odd-b:4", null, 0)]
    [InlineData("odd-a", int.MaxValue, 5, "odd-a:0,odd-b:4", null, 0)]
    [InlineData("odd-aa", 7, 5, "odd-b:4", null, 0)]
    [InlineData("", 2, 5, "odd-a:3,odd-b:2", "odd-b", 2)]
    [InlineData("zzz", 0, 5, "", null, 0)]
    [InlineData("\u00ff", 1, 5, "", null, 0)]
    public async Task A_cursor_that_points_nowhere_is_read_from_where_it_would_be(
        string topic, int partition, int limit, string page, string? nextTopic, int nextPartition)
    {
        foreach (var (name, partitions) in new[] { ("odd-a", 3), ("odd-b", 4) })
        {
            if ((await fixture.Broker.Transport.GetMetadataAsync([name], 0, default)).Topics[0].Error != ErrorCode.None)
                await fixture.Broker.CreateTopicAsync(name, partitions);
        }

        var answer = await fixture.Client.SendAsync<DescribeTopicPartitionsResponseData>(
            new DescribeTopicPartitionsRequestData
            {
                Topics = [new() { Name = "odd-b" }, new() { Name = "odd-a" }, new() { Name = "odd-b" }],
                ResponsePartitionLimit = limit,
                Cursor = new() { TopicName = topic, PartitionIndex = partition },
            },
            0);

        Assert.Equal(page, string.Join(',', answer.Topics.Select(static one => $"{one.Name}:{one.Partitions.Count}")));
        Assert.Equal((nextTopic, nextPartition), (answer.NextCursor?.TopicName, answer.NextCursor?.PartitionIndex ?? 0));
    }

    private static IEnumerable<(string, ErrorCode, int)> Shape(DescribeTopicPartitionsResponseData answer) =>
        answer.Topics.Select(topic => (topic.Name!, topic.ErrorCode, topic.Partitions.Count));

    private Task<DeleteTopicsResponseData> DeleteAsync(DeleteTopicsRequestData request, short version) =>
        fixture.Client.SendAsync<DeleteTopicsResponseData>(request, version);
}
