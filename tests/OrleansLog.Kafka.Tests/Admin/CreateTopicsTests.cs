using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;
using Result = OrleansLog.Protocol.Messages.CreateTopicsResponseData.CreatableTopicResult;
using Topic = OrleansLog.Protocol.Messages.CreateTopicsRequestData.CreatableTopic;

namespace OrleansLog.Kafka.Tests.Admin;

/// <summary>CreateTopics over the wire: counts, assignments, configurations, refusals; old and new versions.</summary>
public sealed class CreateTopicsTests(OneBroker fixture) : IClassFixture<OneBroker>
{
    public static TheoryData<short> Versions => [2, 3, 4, 5, 6, 7];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Every_version_creates_a_topic_and_tells_what_it_carries(short version)
    {
        var name = $"created-{version}";

        var result = Assert.Single(await CreateAsync(version, new Topic
        {
            Name = name,
            NumPartitions = 2,
            ReplicationFactor = 1,
            Configs = [new() { Name = "retention.ms", Value = "1000" }],
        }));

        Assert.Equal((name, ErrorCode.None, null), (result.Name, result.ErrorCode, result.ErrorMessage));
        Assert.Equal(version >= 7, result.TopicId != Uuid.Zero);
        Assert.Equal(version >= 5 ? (2, (short)1) : (-1, (short)-1), (result.NumPartitions, result.ReplicationFactor));
        var retention = result.Configs?.Find(config => config.Name == "retention.ms");
        Assert.Equal(version >= 5 ? ("1000", (sbyte)1, false) : default, (retention?.Value!, retention?.ConfigSource ?? 0, retention?.ReadOnly ?? false));
        Assert.Equal(2, (await DescribeAsync(name))!.Partitions.Length);
    }

    [Fact]
    public async Task Counts_of_minus_one_are_the_brokers_defaults()
    {
        var result = Assert.Single(await CreateAsync(7, new Topic { Name = "defaults", NumPartitions = -1, ReplicationFactor = -1 }));

        Assert.Equal((ErrorCode.None, 3, (short)1), (result.ErrorCode, result.NumPartitions, result.ReplicationFactor));
    }

    [Fact]
    public async Task Assignments_are_taken_in_the_order_of_their_partitions()
    {
        var assigned = new Topic { Name = "assigned", NumPartitions = -1, ReplicationFactor = -1, Assignments = [new() { PartitionIndex = 1, BrokerIds = [1] }, new() { PartitionIndex = 0, BrokerIds = [1] }] };

        Assert.Equal((ErrorCode.None, 2), Assert.Single((await CreateAsync(7, assigned)).Select(result => (result.ErrorCode, result.NumPartitions))));
    }

    [Fact]
    public async Task Only_validated_nothing_is_created_and_the_answer_is_the_same()
    {
        var result = Assert.Single(await CreateAsync(7, validateOnly: true, new Topic { Name = "validated", NumPartitions = 4, ReplicationFactor = 1 }));

        Assert.Equal((ErrorCode.None, 4), (result.ErrorCode, result.NumPartitions));
        Assert.NotEmpty(result.Configs!);
        Assert.Null(await DescribeAsync("validated"));
        Assert.Equal(ErrorCode.InvalidPartitions, Assert.Single(await CreateAsync(7, validateOnly: true, new Topic { Name = "validated", NumPartitions = 0, ReplicationFactor = 1 })).ErrorCode);
    }

    [Fact]
    public async Task Each_refusal_has_kafkas_error_and_a_message_and_spares_the_other_topics()
    {
        await fixture.Broker.CreateTopicAsync("there");

        var results = await CreateAsync(
            7,
            Plain("there"),
            Plain("bad/name"),
            Plain(""),
            Plain("__consumer_offsets"),
            Plain("__transaction_state"),
            Plain("__share_group_state"),
            Plain("__cluster_metadata"),
            Plain("twice"),
            Plain("twice"),
            new Topic { Name = "bad-factor", NumPartitions = 1, ReplicationFactor = 5 },
            new Topic { Name = "bad-count", NumPartitions = 0, ReplicationFactor = 1 },
            new Topic { Name = "bad-key", NumPartitions = 1, ReplicationFactor = 1, Configs = [new() { Name = "no.such.config", Value = "1" }] },
            new Topic { Name = "bad-value", NumPartitions = 1, ReplicationFactor = 1, Configs = [new() { Name = "retention.ms", Value = "soon" }] },
            new Topic { Name = "no-value", NumPartitions = 1, ReplicationFactor = 1, Configs = [new() { Name = "retention.ms", Value = null }] },
            new Topic { Name = "both", NumPartitions = 2, ReplicationFactor = 1, Assignments = [new() { PartitionIndex = 0, BrokerIds = [1] }] },
            new Topic { Name = "gap", NumPartitions = -1, ReplicationFactor = -1, Assignments = [new() { PartitionIndex = 1, BrokerIds = [1] }] },
            new Topic { Name = "nobody", NumPartitions = -1, ReplicationFactor = -1, Assignments = [new() { PartitionIndex = 0, BrokerIds = [99] }] },
            Plain("good"));

        var errors = results.ToDictionary(result => result.Name, result => result.ErrorCode);
        Assert.Equal(
            new Dictionary<string, ErrorCode>
            {
                ["there"] = ErrorCode.TopicAlreadyExists,
                ["bad/name"] = ErrorCode.InvalidTopicException,
                [""] = ErrorCode.InvalidTopicException,
                ["__consumer_offsets"] = ErrorCode.InvalidRequest,
                ["__transaction_state"] = ErrorCode.InvalidRequest,
                ["__share_group_state"] = ErrorCode.InvalidRequest,
                ["__cluster_metadata"] = ErrorCode.InvalidRequest,
                ["twice"] = ErrorCode.InvalidRequest,
                ["bad-factor"] = ErrorCode.InvalidReplicationFactor,
                ["bad-count"] = ErrorCode.InvalidPartitions,
                ["bad-key"] = ErrorCode.InvalidConfig,
                ["bad-value"] = ErrorCode.InvalidConfig,
                ["no-value"] = ErrorCode.InvalidConfig,
                ["both"] = ErrorCode.InvalidRequest,
                ["gap"] = ErrorCode.InvalidReplicaAssignment,
                ["nobody"] = ErrorCode.InvalidReplicaAssignment,
                ["good"] = ErrorCode.None,
            },
            errors);
        Assert.All(results, result => Assert.Equal(result.ErrorCode == ErrorCode.None, result.ErrorMessage is null));
        Assert.Null(await DescribeAsync("twice"));
        Assert.NotNull(await DescribeAsync("good"));
    }

    [Fact]
    public async Task A_request_for_nothing_is_answered_with_nothing() => Assert.Empty(await CreateAsync(7));

    [Fact]
    public async Task A_topic_of_a_hundred_partitions_is_there_as_a_whole_when_it_is_answered()
    {
        Assert.Equal(100, Assert.Single(await CreateAsync(7, new Topic { Name = "hundred", NumPartitions = 100, ReplicationFactor = 1 })).NumPartitions);

        var partitions = (await DescribeAsync("hundred"))!.Partitions;
        Assert.Equal(100, partitions.Length);
        Assert.All(partitions, partition => Assert.Equal(1, partition.LeaderId));
    }

    private static Topic Plain(string name) => new() { Name = name, NumPartitions = 1, ReplicationFactor = 1 };

    private Task<List<Result>> CreateAsync(short version, params Topic[] topics) => CreateAsync(version, validateOnly: false, topics);

    private async Task<List<Result>> CreateAsync(short version, bool validateOnly, params Topic[] topics) =>
        (await fixture.Client.SendAsync<CreateTopicsResponseData>(new CreateTopicsRequestData { Topics = [.. topics], ValidateOnly = validateOnly }, version)).Topics;

    private async Task<TopicDescription?> DescribeAsync(string name)
    {
        var metadata = await fixture.Broker.Transport.GetMetadataAsync([name], 0, default);
        return metadata.Topics[0].Error == ErrorCode.None ? metadata.Topics[0] : null;
    }
}
