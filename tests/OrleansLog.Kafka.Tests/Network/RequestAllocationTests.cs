using OrleansLog.Kafka.Tests.Hostile;
using OrleansLog.Protocol.Messages;
using Xunit.Abstractions;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>What a broker allocates for a large request: what comes from pools goes back there, and no array is made for one.</summary>
[Collection(Alone.Name)]
public class RequestAllocationTests(ITestOutputHelper output)
{
    private const long MostBytesPerRequest = 4096;
    private const int RequestsOfRound = 16;
    private const int MostRounds = 16;
    private const int ValueBytes = (1 << 20) - 512;

    [Fact]
    public async Task A_produce_request_and_a_fetch_of_1_MiB_cost_less_than_4_KiB()
    {
        await using var broker = await KafkaBroker.StartAsync(("orleanslog.flush.policy", "os"));
        await broker.CreateTopicAsync("large");
        using var client = new QuietClient(broker.Endpoint, 2 << 20);

        var produced = LeastPerRequest(client, RawClient.Frame(Requests.Produce("large", new byte[ValueBytes]), Requests.ProduceVersion, 1));
        var stored = RawClient.Decode<ProduceResponseData>(client.Answer.ToArray(), Requests.ProduceVersion).Responses[0].PartitionResponses[0];
        Assert.Equal(ErrorCode.None, stored.ErrorCode);

        var fetched = LeastPerRequest(client, RawClient.Frame(Requests.Fetch("large", stored.BaseOffset), Requests.FetchVersion, 1));
        Assert.InRange(client.Answer.Length, ValueBytes, ValueBytes + 512);

        output.WriteLine($"{produced} bytes for a produce request, {fetched} for a fetch");
        Assert.InRange(produced, 0, MostBytesPerRequest);
        Assert.InRange(fetched, 0, MostBytesPerRequest);
    }

    /// <summary>Silo and test runner allocate beside the requests, now and then: what every round allocates is theirs.</summary>
    private static long LeastPerRequest(QuietClient client, byte[] frame)
    {
        var least = long.MaxValue;
        for (var round = 0; round < MostRounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < RequestsOfRound; i++)
                client.Ask(frame);

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / RequestsOfRound);
        }

        return least;
    }
}
