using Microsoft.Extensions.Logging.Abstractions;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client.Tests;

/// <summary>Groups and administration over the socket, against a broker that does what a test wants.</summary>
public sealed class KafkaGroupTransportTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = Eventually.Hang;
    private readonly FakeKafkaBroker _broker = new();
    private readonly KafkaTransport _transport;
    private ErrorCode _heartbeat;

    public KafkaGroupTransportTests()
    {
        _transport = new KafkaTransport(new LogClientOptions { BootstrapServers = [_broker.Address] }, TimeProvider.System, new ClientLog(NullLogger.Instance));
        foreach (var (key, max) in ((ApiKey, short)[])
            [(ApiKey.Heartbeat, 4), (ApiKey.JoinGroup, 5), (ApiKey.OffsetCommit, 9), (ApiKey.OffsetFetch, 7), (ApiKey.SyncGroup, 3), (ApiKey.CreateTopics, 7)])
            _broker.Versions.ApiKeys.Add(FakeKafkaBroker.Api(key, 0, max));
        _broker.OnRequest = Answer;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _transport.DisposeAsync();
    }

    [Fact]
    public async Task A_coordinator_is_looked_up_once_and_again_when_it_is_another_one()
    {
        Assert.Equal(ErrorCode.None, await HeartbeatAsync());
        Assert.Equal(ErrorCode.None, await HeartbeatAsync());
        Assert.Equal(1, _broker.Count(ApiKey.FindCoordinator));
        _heartbeat = ErrorCode.NotCoordinator;
        Assert.Equal(ErrorCode.NotCoordinator, await HeartbeatAsync());
        _heartbeat = ErrorCode.None;
        Assert.Equal(ErrorCode.None, await HeartbeatAsync());
        Assert.Equal(2, _broker.Count(ApiKey.FindCoordinator));
    }

    [Fact]
    public async Task A_broken_connection_is_an_error_and_the_coordinator_is_looked_up_again()
    {
        _broker.OnRequest = request =>
        {
            if (request.Key == ApiKey.Heartbeat)
                _broker.BreakConnections();
            return Answer(request);
        };
        Assert.Equal(ErrorCode.NetworkException, await HeartbeatAsync());
        _broker.OnRequest = Answer;
        Assert.Equal(ErrorCode.None, await HeartbeatAsync());
    }

    [Fact]
    public async Task A_join_that_waits_does_not_hold_up_heartbeats()
    {
        var release = new TaskCompletionSource();
        _broker.OnRequest = async request =>
        {
            if (request.Key != ApiKey.JoinGroup)
                return await Answer(request);
            await release.Task;
            return request.Answer(new JoinGroupResponseData
            {
                GenerationId = 3,
                ProtocolName = "range",
                Leader = "m",
                MemberId = "m",
                Members = [new() { MemberId = "m", Metadata = new byte[] { 1, 2, 3 } }],
            });
        };
        var joining = _transport.JoinAsync(
            new JoinGroupCall { GroupId = "g", ProtocolType = "consumer", Protocols = [new GroupProtocol("range", new byte[] { 1, 2, 3 })] }, default).AsTask();
        Assert.Equal(ErrorCode.None, await HeartbeatAsync());
        release.SetResult();
        var joined = await joining.WaitAsync(Patience);
        Assert.Equal((3, "m"), (joined.GenerationId, joined.Leader));
        Assert.Equal([1, 2, 3], joined.Members[0].Metadata.ToArray());
    }

    [Fact]
    public async Task Offsets_come_back_in_the_order_of_the_call()
    {
        TopicPartition[] partitions = [new("b", 1), new("a", 0), new("b", 0)];
        var committed = await _transport.CommitAsync(
            new CommitOffsetsCall { GroupId = "g", Offsets = Array.ConvertAll(partitions, static partition => new OffsetToCommit { Partition = partition, Offset = 5 }) }, default);
        Assert.Equal([ErrorCode.OffsetMetadataTooLarge, ErrorCode.None, ErrorCode.None], committed.Errors);
        var fetched = await _transport.FetchOffsetsAsync(new FetchOffsetsCall { GroupId = "g", Partitions = partitions }, default);
        Assert.Equal(partitions, fetched.Offsets.Select(static offset => offset.Partition));
        Assert.Equal([11L, 0L, 10L], fetched.Offsets.Select(static offset => offset.Offset));
    }

    [Fact]
    public async Task What_a_broker_is_too_old_for_is_said_instead_of_sent()
    {
        Assert.Equal(
            ErrorCode.UnsupportedVersion,
            (await _transport.SyncAsync(new SyncGroupCall { GroupId = "g", GenerationId = 1, MemberId = "m", ServerAssignor = true }, default)).Error);
        Assert.Equal(0, _broker.Count(ApiKey.SyncGroup));
        Assert.Equal(ErrorCode.UnsupportedVersion, (await _transport.DeleteOffsetsAsync("g", [new("t", 0)], default)).Error);
    }

    [Fact]
    public async Task A_change_that_may_have_arrived_is_not_sent_again()
    {
        await using var other = new FakeKafkaBroker();
        other.OnRequest = _ => throw new InvalidOperationException("Nobody should ask.");
        await using var transport = new KafkaTransport(
            new LogClientOptions { BootstrapServers = [_broker.Address, other.Address] }, TimeProvider.System, new ClientLog(NullLogger.Instance));
        _broker.OnRequest = request =>
        {
            if (request.Key != ApiKey.CreateTopics)
                return Answer(request);
            _broker.BreakConnections();
            return FakeKafkaBroker.Nothing;
        };
        var error = await Assert.ThrowsAsync<LogException>(() => transport.CreateTopicsAsync([new NewTopic { Name = "new" }], false, default).AsTask().WaitAsync(Patience));
        Assert.Equal(ErrorCode.NetworkException, error.Code);
        Assert.Equal(0, other.Connections);
    }

    private ValueTask<byte[]?> Answer(FakeRequest request) => request.Key switch
    {
        ApiKey.FindCoordinator => new(request.Answer(new FindCoordinatorResponseData { NodeId = 1, Host = "127.0.0.1", Port = _broker.Port })),
        ApiKey.Heartbeat => new(request.Answer(new HeartbeatResponseData { ErrorCode = _heartbeat })),
        ApiKey.OffsetCommit => new(request.Answer(new OffsetCommitResponseData
        {
            Topics =
            [
                .. request.Read<OffsetCommitRequestData>().Topics.AsEnumerable().Reverse().Select(static topic => new OffsetCommitResponseData.OffsetCommitResponseTopic
                {
                    Name = topic.Name,
                    Partitions = [.. topic.Partitions.Select(static partition => new OffsetCommitResponseData.OffsetCommitResponsePartition
                    {
                        PartitionIndex = partition.PartitionIndex,
                        ErrorCode = partition.PartitionIndex == 1 ? ErrorCode.OffsetMetadataTooLarge : ErrorCode.None,
                    })],
                }),
            ],
        })),
        ApiKey.OffsetFetch => new(request.Answer(new OffsetFetchResponseData
        {
            Topics =
            [
                .. request.Read<OffsetFetchRequestData>().Topics!.AsEnumerable().Reverse().Select(static topic => new OffsetFetchResponseData.OffsetFetchResponseTopic
                {
                    Name = topic.Name,
                    Partitions = [.. topic.PartitionIndexes.Select(partition => new OffsetFetchResponseData.OffsetFetchResponsePartition
                    {
                        PartitionIndex = partition, CommittedOffset = (topic.Name == "b" ? 10 : 0) + partition,
                    })],
                }),
            ],
        })),
        _ => FakeKafkaBroker.Ordinary,
    };

    private Task<ErrorCode> HeartbeatAsync() => _transport.HeartbeatAsync(new HeartbeatCall("g", 1, "m"), default).AsTask().WaitAsync(Patience);
}
