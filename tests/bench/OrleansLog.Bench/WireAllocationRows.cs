using OrleansLog.Protocol.Messages;

namespace OrleansLog.Bench;

/// <summary>What the broker allocates for a request: in this process, with a client that allocates nothing.</summary>
internal static class WireAllocationRows
{
    private const int BatchBytes = 1 << 20;
    private const int Requests = 64;
    private const int WarmUps = 8;

    public static async IAsyncEnumerable<BenchRow> RunAsync(BrokerUnderTest broker)
    {
        var (produced, fetched) = (0.0, 0.0);
        await broker.WithTopicAsync(1, "os", async topic =>
        {
            var produce = RawKafka.Frame(RawRequests.Produce(topic, Batches.Make(BatchBytes)), RawRequests.ProduceVersion);
            using var client = RawKafka.Connect(broker.KafkaAddress);
            produced = await PerRequestAsync(client, produce, () => broker.Client.Admin.DeleteRecordsAsync([new(new(topic, 0), -1)]));
            client.Send(produce);
            client.Receive();
            var offset = RawKafka.Decode<ProduceResponseData>(client.Answer.ToArray(), RawRequests.ProduceVersion).Responses[0].PartitionResponses[0].BaseOffset;
            var fetch = RawKafka.Frame(RawRequests.Fetch(topic, BatchBytes, offset), RawRequests.FetchVersion);
            fetched = await PerRequestAsync(client, fetch, () => Task.CompletedTask);
            return 0;
        });
        yield return Row("produce request of 1 MiB", produced);
        yield return Row("fetch of 1 MiB", fetched);
    }

    private static BenchRow Row(string what, double bytes) =>
        new($"allocated by the broker for a {what}", "bytes", bytes, double.NaN, double.NaN, "under 4,096", "-");

    private static async Task<double> PerRequestAsync(RawKafka client, byte[] frame, Func<Task> afterEach)
    {
        var allocated = 0L;
        for (var i = 0; i < WarmUps; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            client.SendWindowed(frame, Requests, window: 1);
            allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            await afterEach();
        }

        return (double)allocated / Requests;
    }
}
