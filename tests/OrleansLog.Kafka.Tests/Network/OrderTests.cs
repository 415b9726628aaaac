using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>Many requests on one connection: what overlaps, what waits, and in which order answers come.</summary>
public class OrderTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    [Fact]
    public async Task Answers_come_in_the_order_of_the_requests_whatever_they_are()
    {
        await shared.Broker.CreateTopicAsync("mixed");
        using var client = await shared.Broker.ConnectRawAsync();
        byte[] all = [];
        for (var i = 0; i < 60; i++)
        {
            all = [.. all, .. (i % 4) switch
            {
                0 => RawClient.Frame(Requests.Fetch("mixed", 1_000_000, maxWaitMs: 20), Requests.FetchVersion, i),
                1 => RawClient.Frame(Requests.Metadata("mixed"), 4, i),
                2 => RawClient.Frame(Requests.Produce("mixed", [1, 2, 3]), Requests.ProduceVersion, i),
                _ => RawClient.Frame(new ApiVersionsRequestData(), 2, i),
            }];
        }

        await client.SendAsync(all);
        for (var i = 0; i < 60; i++)
            Assert.Equal(i, RawClient.CorrelationOf((await client.ReceiveAsync())!));
    }

    [Fact]
    public async Task Batches_of_one_connection_keep_their_order_while_they_overlap()
    {
        await shared.Broker.CreateTopicAsync("ordered");
        using var client = await shared.Broker.ConnectRawAsync();
        const int count = 400;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
                await client.SendAsync(Requests.Produce("ordered", [1], acks: (short)(i % 2 == 0 ? 1 : -1)), Requests.ProduceVersion, i);
        });
        for (var i = 0; i < count; i++)
        {
            var answer = await client.ReceiveAsync<ProduceResponseData>(Requests.ProduceVersion, i);
            var partition = answer.Responses[0].PartitionResponses[0];
            Assert.Equal((ErrorCode.None, (long)i), (partition.ErrorCode, partition.BaseOffset));
        }

        await sending;
    }

    [Fact]
    public async Task What_is_no_produce_starts_when_everything_before_it_is_answered()
    {
        const int batches = 5;
        await shared.Broker.CreateTopicAsync("barrier");
        using var client = await shared.Broker.ConnectRawAsync();
        byte[] all = [];
        for (var i = 0; i < batches; i++)
            all = [.. all, .. ProduceFrame(i)];

        all = [.. all, .. RawClient.Frame(new ListOffsetsRequestData
        {
            ReplicaId = -1, Topics = [new() { Name = "barrier", Partitions = [new() { Timestamp = -1 }] }],
        }, 5, batches)];
        for (var round = 1; round <= 10; round++)
        {
            await client.SendAsync(all);
            for (var i = 0; i < batches; i++)
                await client.ReceiveAsync<ProduceResponseData>(Requests.ProduceVersion, i);

            var latest = await client.ReceiveAsync<ListOffsetsResponseData>(5, batches);
            Assert.Equal(round * batches, latest.Topics[0].Partitions[0].Offset);
        }

        static byte[] ProduceFrame(int i) => RawClient.Frame(Requests.Produce("barrier", new byte[20_000]), Requests.ProduceVersion, i);
    }

    [Fact]
    public async Task Without_acks_there_is_no_answer_and_a_later_request_sees_the_batch()
    {
        await shared.Broker.CreateTopicAsync("silent");
        using var client = await shared.Broker.ConnectRawAsync();
        await client.SendAsync(Requests.Produce("silent", [1], acks: 0), Requests.ProduceVersion, 1);
        await client.SendAsync(new ListOffsetsRequestData
        {
            ReplicaId = -1,
            Topics = [new() { Name = "silent", Partitions = [new() { Timestamp = -1 }] }],
        }, 5, 2);
        var latest = await client.ReceiveAsync<ListOffsetsResponseData>(5, 2);
        Assert.Equal(1, latest.Topics[0].Partitions[0].Offset);
    }

    [Fact]
    public async Task An_error_without_acks_closes_the_connection()
    {
        using var client = await shared.Broker.ConnectRawAsync();
        await client.SendAsync(Requests.Produce("no-such-topic", [1], acks: 0), Requests.ProduceVersion);
        await client.AssertClosedAsync();
    }

    [Fact]
    public async Task A_refusal_without_acks_closes_the_connection_and_answers_nothing()
    {
        using var client = await shared.Broker.ConnectRawAsync();
        var request = Requests.Produce("no-transactions", [1], acks: 0);
        request.TransactionalId = "a transaction";
        await client.SendAsync(request, Requests.ProduceVersion);
        await client.AssertClosedAsync();
    }
}
