using Microsoft.Extensions.Logging.Abstractions;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client.Tests;

/// <summary>What operators ask for over the socket, of brokers that can tell and of older ones that cannot.</summary>
public sealed class KafkaDescribeTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = Eventually.Hang;
    private readonly FakeKafkaBroker _broker = new();
    private readonly KafkaTransport _transport;

    public KafkaDescribeTests() => _transport = new KafkaTransport(
        new LogClientOptions { BootstrapServers = [_broker.Address] }, TimeProvider.System, new ClientLog(NullLogger.Instance));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _transport.DisposeAsync();
    }

    [Fact]
    public async Task A_broker_that_can_tells_of_fenced_brokers()
    {
        Serve(ApiKey.DescribeCluster, 2);
        _broker.OnRequest = request => request.Key != ApiKey.DescribeCluster ? FakeKafkaBroker.Ordinary : new(request.Answer(new DescribeClusterResponseData
        {
            ControllerId = 2,
            Brokers =
            [
                new() { BrokerId = 1, Host = "127.0.0.1", Port = _broker.Port },
                new() { BrokerId = 2, Host = "two", Port = 9, Rack = "b", IsFenced = request.Read<DescribeClusterRequestData>().IncludeFencedBrokers },
            ],
        }));
        var cluster = await DescribeClusterAsync();
        Assert.Equal(("fake", 2), (cluster.ClusterId, cluster.ControllerId));
        Assert.Equal([(1, "127.0.0.1", null, false), (2, "two", "b", true)], cluster.Brokers.Select(static broker => (broker.Id, broker.Host, broker.Rack, broker.IsFenced)));
    }

    [Fact]
    public async Task A_broker_that_refuses_is_heard()
    {
        Serve(ApiKey.DescribeCluster, 2);
        _broker.OnRequest = request => request.Key != ApiKey.DescribeCluster ? FakeKafkaBroker.Ordinary : new(request.Answer(new DescribeClusterResponseData
        {
            ErrorCode = ErrorCode.ClusterAuthorizationFailed,
            ErrorMessage = "No.",
        }));
        var refused = await Assert.ThrowsAsync<LogException>(DescribeClusterAsync);
        Assert.Equal((ErrorCode.ClusterAuthorizationFailed, "No."), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task An_older_broker_tells_of_those_that_are_there()
    {
        Serve(ApiKey.DescribeCluster, 1);
        var cluster = await DescribeClusterAsync();
        Assert.Equal(1, Assert.Single(cluster.Brokers).Id);
        Assert.Equal(0, _broker.Count(ApiKey.DescribeCluster));
    }

    [Fact]
    public async Task Topics_are_read_page_by_page_with_their_eligible_leaders()
    {
        Serve(ApiKey.DescribeTopicPartitions, 0);
        _broker.OnRequest = request => request.Key != ApiKey.DescribeTopicPartitions ? FakeKafkaBroker.Ordinary
            : new(request.Answer(Page(request.Read<DescribeTopicPartitionsRequestData>())));
        var all = await DescribeTopicsAsync(null);
        Assert.Equal([("a", 3), ("b", 2)], all.Select(static topic => (topic.Name, topic.Partitions.Length)));
        Assert.Equal([10, 11, 12], all[0].Partitions.Select(static partition => partition.LeaderEpoch));
        Assert.Equal([7], all[0].Partitions[2].EligibleLeaderReplicas);
        Assert.Empty(all[0].Partitions[1].EligibleLeaderReplicas);
        Assert.Equal(3, _broker.Count(ApiKey.DescribeTopicPartitions));
        var named = await DescribeTopicsAsync(["b", "none", "a", "b"]);
        Assert.Equal(
            [("b", ErrorCode.None, 2), ("none", ErrorCode.UnknownTopicOrPartition, 0), ("a", ErrorCode.None, 3), ("b", ErrorCode.None, 2)],
            named.Select(static topic => (topic.Name, topic.Error, topic.Partitions.Length)));
        Assert.Empty(await DescribeTopicsAsync([]));
    }

    [Fact]
    public async Task A_broker_that_is_lost_before_it_has_told_all_is_replaced_by_another()
    {
        await using var other = new FakeKafkaBroker();
        await using var transport = new KafkaTransport(
            new LogClientOptions { BootstrapServers = [_broker.Address, other.Address] }, TimeProvider.System, new ClientLog(NullLogger.Instance));
        Serve(ApiKey.DescribeTopicPartitions, 0);
        other.Versions.ApiKeys.Add(FakeKafkaBroker.Api(ApiKey.DescribeTopicPartitions, 0, 0));
        _broker.OnRequest = request =>
        {
            if (request.Key != ApiKey.DescribeTopicPartitions)
                return FakeKafkaBroker.Ordinary;
            _broker.BreakConnections();
            return FakeKafkaBroker.Nothing;
        };
        other.OnRequest = request => request.Key != ApiKey.DescribeTopicPartitions ? FakeKafkaBroker.Ordinary
            : new(request.Answer(Page(request.Read<DescribeTopicPartitionsRequestData>())));

        var found = await transport.DescribeTopicsAsync(["a"], -1, default).AsTask().WaitAsync(Patience);

        Assert.Equal(3, Assert.Single(found.Topics).Partitions.Length);
        Assert.Equal(1, _broker.Count(ApiKey.DescribeTopicPartitions));
    }

    [Fact]
    public async Task Pages_without_an_end_are_refused()
    {
        Serve(ApiKey.DescribeTopicPartitions, 0);
        _broker.OnRequest = request => request.Key != ApiKey.DescribeTopicPartitions ? FakeKafkaBroker.Ordinary
            : new(request.Answer(new DescribeTopicPartitionsResponseData { NextCursor = new() { TopicName = "a", PartitionIndex = 1 } }));
        var endless = await Assert.ThrowsAsync<LogException>(() => DescribeTopicsAsync(null));
        Assert.Equal(ErrorCode.UnknownServerError, endless.Code);
    }

    [Fact]
    public async Task An_older_broker_tells_of_topics_what_its_metadata_has()
    {
        Assert.Equal([("t", 3)], (await DescribeTopicsAsync(null)).Select(static topic => (topic.Name, topic.Partitions.Length)));
        Assert.Equal([("none", ErrorCode.UnknownTopicOrPartition), ("t", ErrorCode.None)], (await DescribeTopicsAsync(["none", "t"])).Select(static topic => (topic.Name, topic.Error)));
    }

    /// <summary>Two partitions at a time of topics a, with three, and b, with two.</summary>
    private static DescribeTopicPartitionsResponseData Page(DescribeTopicPartitionsRequestData request)
    {
        (string Topic, int Partition)[] all = [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1)];
        var asked = Array.FindAll(all, one => request.Topics.Count == 0 || request.Topics.Exists(topic => topic.Name == one.Topic));
        var first = request.Cursor is { } cursor ? Array.IndexOf(asked, (cursor.TopicName, cursor.PartitionIndex)) : 0;
        var response = new DescribeTopicPartitionsResponseData
        {
            NextCursor = first + 2 < asked.Length ? new() { TopicName = asked[first + 2].Topic, PartitionIndex = asked[first + 2].Partition } : null,
        };
        foreach (var topic in asked.Skip(first).Take(2).GroupBy(static one => one.Topic))
        {
            response.Topics.Add(new()
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(static one => new DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition
                {
                    PartitionIndex = one.Partition,
                    LeaderId = 1,
                    LeaderEpoch = 10 + one.Partition,
                    ReplicaNodes = [1, 7],
                    IsrNodes = [1],
                    EligibleLeaderReplicas = one.Partition == 2 ? [7] : null,
                })],
            });
        }

        return response;
    }

    private void Serve(ApiKey key, short max) => _broker.Versions.ApiKeys.Add(FakeKafkaBroker.Api(key, 0, max));

    private Task<ClusterMetadata> DescribeClusterAsync() => _transport.DescribeClusterAsync(-1, default).AsTask().WaitAsync(Patience);

    private async Task<TopicDescription[]> DescribeTopicsAsync(string[]? topics) =>
        (await _transport.DescribeTopicsAsync(topics, -1, default).AsTask().WaitAsync(Patience)).Topics;
}
