using System.Net;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>Requests that wait in the sockets of a broker that stands still: what it believed is all that it can go by when it goes on.</summary>
internal sealed class HeldUpRequests : IDisposable
{
    private const short CommitVersion = 8;
    private const short CreateVersion = 7;
    private const short FindVersion = 4;
    private const int TimeoutMs = 60_000;

    private readonly RawClient _commits;
    private readonly RawClient _topics;

    private HeldUpRequests(RawClient commits, RawClient topics) => (_commits, _topics) = (commits, topics);

    /// <summary>Connects to a broker while it still runs.</summary>
    public static async Task<HeldUpRequests> ConnectAsync(ThreeBrokers cluster, int broker)
    {
        var place = IPEndPoint.Parse(cluster.LaunchOf(broker).BootstrapServers);
        return new HeldUpRequests(await RawClient.ConnectAsync(place), await RawClient.ConnectAsync(place));
    }

    /// <summary>Those of some groups that the broker coordinates, as it says itself.</summary>
    public async Task<IReadOnlyList<string>> CoordinatedAsync(int broker, IReadOnlyList<string> groups)
    {
        FindCoordinatorResponseData found = new();
        Assert.True(await Replicas.IsReachedAsync(async () =>
        {
            found = await _commits.AskAsync<FindCoordinatorRequestData, FindCoordinatorResponseData>(new() { CoordinatorKeys = [.. groups] }, FindVersion);
            return found.Coordinators.TrueForAll(coordinator => coordinator.ErrorCode == ErrorCode.None);
        }));
        return [.. found.Coordinators.Where(coordinator => coordinator.NodeId == broker).Select(coordinator => coordinator.Key!)];
    }

    /// <summary>Sends an offset of a group without members; it is answered when the broker goes on, if at all.</summary>
    public Task CommitAsync(string group, TopicPartition partition, long offset) => _commits.SendAsync(
        new OffsetCommitRequestData
        {
            GroupId = group,
            Topics = [new() { Name = partition.Topic, Partitions = [new() { PartitionIndex = partition.Partition, CommittedOffset = offset }] }],
        },
        CommitVersion);

    /// <summary>Asks for a new topic in the same way.</summary>
    public Task CreateAsync(string topic) => _topics.SendAsync(
        new CreateTopicsRequestData { TimeoutMs = TimeoutMs, Topics = [new() { Name = topic, NumPartitions = 1, ReplicationFactor = 1 }] }, CreateVersion);

    /// <summary>What the commit was told; null when the connection ended.</summary>
    public async Task<ErrorCode?> CommittedAsync() => await _commits.ReceiveAsync() is { } frame
        ? RawClient.Decode<OffsetCommitResponseData>(frame, CommitVersion).Topics[0].Partitions[0].ErrorCode
        : null;

    /// <summary>What the creation was told; null when the connection ended.</summary>
    public async Task<ErrorCode?> CreatedAsync() => await _topics.ReceiveAsync() is { } frame
        ? RawClient.Decode<CreateTopicsResponseData>(frame, CreateVersion).Topics[0].ErrorCode
        : null;

    public void Dispose()
    {
        _commits.Dispose();
        _topics.Dispose();
    }
}
