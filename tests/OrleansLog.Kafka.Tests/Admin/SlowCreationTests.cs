using Microsoft.Extensions.DependencyInjection;
using OrleansLog.Grains.Disk;
using OrleansLog.Log;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Admin;

/// <summary>What clients hear of topics whose logs are not open yet.</summary>
public sealed class SlowCreationTests
{
    [Fact]
    public async Task A_topic_that_is_not_open_in_time_is_no_success_and_has_no_leader_until_it_is_open()
    {
        using var disk = new HeldDisk(FileSystemDisk.Create(), "slow");
        await using var broker = await KafkaBroker.StartAsync(null, services => services.AddSingleton<IDisk>(disk));
        using var client = await broker.ConnectAsync();

        var created = await client.SendAsync<CreateTopicsResponseData>(
            new CreateTopicsRequestData { TimeoutMs = 0, Topics = [Topic("slow")] }, 7);
        Assert.Equal(ErrorCode.RequestTimedOut, Assert.Single(created.Topics).ErrorCode);
        Assert.Equal((ErrorCode.LeaderNotAvailable, -1), await LeaderAsync(client, "slow"));

        // One that is held does not hold up the others, though it takes up a thread.
        await disk.Reached;
        created = await client.SendAsync<CreateTopicsResponseData>(
            new CreateTopicsRequestData { TimeoutMs = 120_000, Topics = [Topic("quick")] }, 7);
        Assert.Equal(ErrorCode.None, Assert.Single(created.Topics).ErrorCode);
        Assert.Equal((ErrorCode.None, 1), await LeaderAsync(client, "quick"));
        Assert.Equal((ErrorCode.LeaderNotAvailable, -1), await LeaderAsync(client, "slow"));

        // Waits for the topic's partitions, and there are more of them now.
        disk.LetGo();
        var grown = await client.SendAsync<CreatePartitionsResponseData>(
            new CreatePartitionsRequestData { TimeoutMs = 120_000, Topics = [new() { Name = "slow", Count = 2, Assignments = null }] }, 3);
        Assert.Equal(ErrorCode.None, Assert.Single(grown.Results).ErrorCode);
        Assert.Equal((ErrorCode.None, 1), await LeaderAsync(client, "slow"));
    }

    private static CreateTopicsRequestData.CreatableTopic Topic(string name) => new() { Name = name, NumPartitions = 1, ReplicationFactor = 1 };

    private static async Task<(ErrorCode Error, int Leader)> LeaderAsync(KafkaClient client, string topic)
    {
        var metadata = await client.SendAsync<MetadataResponseData>(new MetadataRequestData { Topics = [new() { Name = topic }] }, 12);
        var partition = Assert.Single(metadata.Topics).Partitions[0];
        var described = await client.SendAsync<DescribeTopicPartitionsResponseData>(
            new DescribeTopicPartitionsRequestData { Topics = [new() { Name = topic }] }, 0);
        var other = Assert.Single(described.Topics).Partitions[0];
        Assert.Equal((partition.ErrorCode, partition.LeaderId), (other.ErrorCode, other.LeaderId));
        return (partition.ErrorCode, partition.LeaderId);
    }
}
