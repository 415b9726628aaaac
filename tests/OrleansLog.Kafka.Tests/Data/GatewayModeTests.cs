using OrleansLog.Kafka.Tests.Network;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Data;

/// <summary>Gateway mode (D9): every broker has one address, and records go by way of whoever leads.</summary>
public class GatewayModeTests
{
    [Fact]
    public async Task Records_are_written_and_read_through_a_gateway()
    {
        await using var broker = await KafkaBroker.StartAsync(
            ("orleanslog.flush.policy", "os"), ("orleanslog.gateway", "true"), ("advertised.listeners", "PLAINTEXT://log.example:1234"));
        await broker.CreateTopicAsync("far", 2);
        using var client = await broker.ConnectRawAsync();

        var metadata = await client.AskAsync<MetadataRequestData, MetadataResponseData>(Requests.Metadata("far"), 4);
        Assert.All(metadata.Brokers, one => Assert.Equal(("log.example", 1234), (one.Host, one.Port)));
        Assert.Equal(2, metadata.Topics[0].Partitions.Count);

        for (var i = 0; i < 2; i++)
        {
            var produced = await client.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce("far", [7, 8, 9]), Requests.ProduceVersion);
            Assert.Equal((ErrorCode.None, i), (produced.Responses[0].PartitionResponses[0].ErrorCode, produced.Responses[0].PartitionResponses[0].BaseOffset));
        }

        var fetched = await client.AskAsync<FetchRequestData, FetchResponseData>(Requests.Fetch("far", 1), Requests.FetchVersion);
        Assert.True(fetched.Responses[0].Partitions[0].Records!.Value.Span.IndexOf((byte[])[7, 8, 9]) > 0);

        var offsets = await client.AskAsync<ListOffsetsRequestData, ListOffsetsResponseData>(
            new() { ReplicaId = -1, Topics = [new() { Name = "far", Partitions = [new() { Timestamp = -1 }, new() { PartitionIndex = 1, Timestamp = -1 }] }] }, 7);
        Assert.Equal([2L, 0L], offsets.Topics[0].Partitions.Select(one => one.Offset));

        var epochs = await client.AskAsync<OffsetForLeaderEpochRequestData, OffsetForLeaderEpochResponseData>(
            new() { ReplicaId = -1, Topics = [new() { Topic = "far", Partitions = [new() { LeaderEpoch = 0 }] }] }, 4);
        Assert.Equal((ErrorCode.None, 2L), (epochs.Topics[0].Partitions[0].ErrorCode, epochs.Topics[0].Partitions[0].EndOffset));
    }

    [Fact]
    public async Task A_long_poll_through_a_gateway_ends_with_the_record_and_with_the_client()
    {
        await using var broker = await KafkaBroker.StartAsync(("orleanslog.flush.policy", "os"), ("orleanslog.gateway", "true"));
        await broker.CreateTopicAsync("poll");
        using var reader = await broker.ConnectRawAsync();
        using var writer = await broker.ConnectRawAsync();
        await reader.SendAsync(Requests.Fetch("poll", 0, maxWaitMs: 60_000), Requests.FetchVersion, 1);
        await writer.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce("poll", [1]), Requests.ProduceVersion);
        Assert.True((await reader.ReceiveAsync<FetchResponseData>(Requests.FetchVersion, 1)).Responses[0].Partitions[0].Records!.Value.Length > 0);

        await reader.SendAsync(Requests.Fetch("poll", 1, maxWaitMs: 60_000), Requests.FetchVersion, 2);
        reader.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        while (await reader.ReceiveAsync() is not null)
        {
        }
    }
}
