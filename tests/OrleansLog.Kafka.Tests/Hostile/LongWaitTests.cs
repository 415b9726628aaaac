using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using OrleansLog.Grains;
using OrleansLog.Kafka.Listening;
using OrleansLog.Kafka.Tests.Network;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Hostile;

/// <summary>Requests that wait as long as a number can say, on connections whose clients are gone while more of theirs lies behind.</summary>
public class LongWaitTests
{
    private const int Clients = 20;
    private const short JoinVersion = 3;

    /// <summary>The broker reads one request ahead; what lies behind that one hides the end of the stream.</summary>
    private static readonly byte[] Fetch = RawClient.Frame(Requests.Fetch("idle", 0, maxWaitMs: int.MaxValue), Requests.FetchVersion, 5);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(200)]
    public async Task A_client_that_goes_takes_its_waits_with_it(int requests)
    {
        await using var broker = await KafkaBroker.StartAsync();
        await broker.CreateTopicAsync("idle");
        var local = broker.Services.GetRequiredService<BrokerHost>().Local;
        var clients = new List<RawClient>();
        for (var i = 0; i < Clients; i++)
        {
            var client = await broker.ConnectRawAsync();
            await client.SendAsync(Enumerable.Repeat(Fetch, requests).SelectMany(static frame => frame).ToArray());
            clients.Add(client);
        }

        await KafkaBroker.UntilAsync(() => local.FetchesWaiting == Clients);
        clients.ForEach(static client => client.Dispose());
        await KafkaBroker.UntilAsync(() => local.FetchesWaiting == 0 && broker.Services.GetRequiredService<KafkaListeners>().Connections == 0);
    }

    [Fact]
    public async Task A_client_that_is_half_gone_has_all_its_answers()
    {
        await using var broker = await KafkaBroker.StartAsync(("orleanslog.flush.policy", "os"));
        await broker.CreateTopicAsync("idle");
        using var client = await broker.ConnectRawAsync();
        await client.SendAsync(Fetch);
        await broker.FetchWaitsAsync();
        await client.SendAsync(Requests.Produce("idle", [1]), Requests.ProduceVersion, 6);
        await client.SendAsync(Requests.Fetch("idle", 1, maxWaitMs: int.MaxValue), Requests.FetchVersion, 7);
        client.Socket.Shutdown(SocketShutdown.Send);

        Assert.Equal(ErrorCode.None, (await client.ReceiveAsync<FetchResponseData>(Requests.FetchVersion, 5)).Responses[0].Partitions[0].ErrorCode);
        Assert.Equal(ErrorCode.None, (await client.ReceiveAsync<ProduceResponseData>(Requests.ProduceVersion, 6)).Responses[0].PartitionResponses[0].ErrorCode);
        Assert.Equal(ErrorCode.None, (await client.ReceiveAsync<FetchResponseData>(Requests.FetchVersion, 7)).Responses[0].Partitions[0].ErrorCode);
        await client.AssertClosedAsync();
    }

    [Fact]
    public async Task A_member_that_goes_while_its_join_waits_is_noticed()
    {
        await using var broker = await KafkaBroker.StartAsync(("group.initial.rebalance.delay.ms", "1800000"), ("offsets.topic.num.partitions", "1"));
        using (var other = await broker.ConnectRawAsync())
            await other.AskAsync<FindCoordinatorRequestData, FindCoordinatorResponseData>(new() { Key = "group" }, 2);

        var client = await broker.ConnectRawAsync();
        var join = RawClient.Frame(Join(), JoinVersion, 1);
        await client.SendAsync(join);
        await client.SendAsync(join);

        // One waits for the group, the other one for its turn.
        await HeldRequests.AssertAsync(broker, 2 * HeldRequests.BytesOf(join), 2 * HeldRequests.BytesOf(join));
        client.Dispose();
        await KafkaBroker.UntilAsync(() => broker.Services.GetRequiredService<KafkaListeners>().Connections == 0);
    }

    private static JoinGroupRequestData Join() => new()
    {
        GroupId = "group",
        SessionTimeoutMs = 1_800_000,
        RebalanceTimeoutMs = int.MaxValue,
        ProtocolType = "consumer",
        Protocols = [new() { Name = "range", Metadata = new byte[] { 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 } }],
    };
}
