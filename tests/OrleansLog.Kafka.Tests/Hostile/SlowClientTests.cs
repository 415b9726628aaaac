using System.Net.Sockets;
using OrleansLog.Kafka.Tests.Network;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Hostile;

/// <summary>Clients that read late or never, and clients that are half gone (fault 17).</summary>
public class SlowClientTests
{
    private const int Answers = 12;

    /// <summary>The connection that does not read is the only one allowed; another is served when it is cut.</summary>
    [Fact]
    public async Task A_client_that_never_reads_is_cut()
    {
        await using var broker = await KafkaBroker.StartAsync(
            ("orleanslog.flush.policy", "os"), ("connections.max.idle.ms", "3000"), ("max.connections", "1"), ("socket.send.buffer.bytes", "65536"));
        await broker.CreateTopicAsync("slow");
        var batch = Requests.Produce("slow", new byte[900_000]).TopicData[0].PartitionData[0].Records!.Value;
        for (var i = 0; i < 4; i++)
        {
            var produced = await broker.Transport.ProduceAsync(new ProduceRequest { Partition = new("slow", 0), Batch = batch.ToArray(), CurrentLeaderEpoch = -1 }, default);
            Assert.Equal(ErrorCode.None, produced.Error);
        }

        // In one piece, so that it is never idle before its time.
        using var client = await RawClient.ConnectAsync(broker.Endpoint, receiveBufferBytes: 8192);
        var fetch = RawClient.Frame(Requests.Fetch("slow", 0, maxBytes: 8 << 20), Requests.FetchVersion, 0);
        await client.SendAsync(Enumerable.Repeat(fetch, Answers).SelectMany(frame => frame).ToArray());

        using var other = await broker.ConnectRawAsync();
        await other.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(new(), 0);
    }

    [Fact]
    public async Task A_client_that_is_half_gone_has_its_answer_and_the_connection_ends()
    {
        await using var broker = await KafkaBroker.StartAsync(("orleanslog.flush.policy", "os"));
        await broker.CreateTopicAsync("half");
        using var client = await broker.ConnectRawAsync();
        await client.SendAsync(Requests.Fetch("half", 0, maxWaitMs: 120_000), Requests.FetchVersion, 3);
        client.Socket.Shutdown(SocketShutdown.Send);
        var answer = await client.ReceiveAsync<FetchResponseData>(Requests.FetchVersion, 3);
        Assert.Equal(ErrorCode.None, answer.Responses[0].Partitions[0].ErrorCode);
        await client.AssertClosedAsync();
    }

    [Fact]
    public async Task Without_memory_for_answers_a_fetch_gets_one_batch()
    {
        await using var broker = await KafkaBroker.StartAsync(("orleanslog.flush.policy", "os"), ("orleanslog.fetch.memory.max.bytes", "0"));
        await broker.CreateTopicAsync("tight");
        using var client = await broker.ConnectRawAsync();
        for (var i = 0; i < 3; i++)
            await client.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce("tight", new byte[100]), Requests.ProduceVersion);

        for (var offset = 0; offset < 3; offset++)
        {
            var fetched = await client.AskAsync<FetchRequestData, FetchResponseData>(Requests.Fetch("tight", offset), Requests.FetchVersion);
            Assert.InRange(fetched.Responses[0].Partitions[0].Records!.Value.Length, 100, 199);
        }
    }
}
