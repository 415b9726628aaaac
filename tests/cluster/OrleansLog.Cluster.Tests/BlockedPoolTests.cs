using System.Globalization;
using System.Net;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>An app that blocks all threads of its pool, with a broker in it: the broker's clients do not wait for the pool.</summary>
public class BlockedPoolTests
{
    private const int Rounds = 100;

    /// <summary>Nothing frees the pool but this test, so what waits for it waits for longer than this.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [LinuxFact]
    public async Task Records_are_acknowledged_and_fetched_while_no_thread_of_the_pool_is_free()
    {
        var port = FreePorts.Take(1)[0];
        await using var host = ChildProcess.Start(
            "dotnet",
            [Repository.Built("tests/cluster/OrleansLog.Cluster.Member", "OrleansLog.Cluster.Member.dll"), "blocked-host", port.ToString(CultureInfo.InvariantCulture)],
            keepsInput: true);
        var address = new IPEndPoint(IPAddress.Loopback, port);
        await host.WaitForLineAsync(line => line == "ready");
        using var producer = await RawClient.ConnectAsync(address);
        using var consumer = await RawClient.ConnectAsync(address);
        await ProduceAsync(producer, 0);
        await FetchAsync(consumer, 0, maxWaitMs: 0, records: true);

        await host.WriteLineAsync("block");
        await host.WaitForLineAsync(line => line == "blocked");
        for (var offset = 1; offset <= Rounds; offset++)
        {
            await ProduceAsync(producer, offset).WaitAsync(Patience);
            await FetchAsync(consumer, offset, maxWaitMs: 0, records: true).WaitAsync(Patience);
        }

        // A fetch that waits is woken by a record, and ends without one when its time is up.
        var waiting = FetchAsync(consumer, Rounds + 1, maxWaitMs: int.MaxValue, records: true);
        await ProduceAsync(producer, Rounds + 1).WaitAsync(Patience);
        await waiting.WaitAsync(Patience);
        await FetchAsync(consumer, Rounds + 2, maxWaitMs: 50, records: false).WaitAsync(Patience);

        await host.WriteLineAsync("free");
        await host.WaitForLineAsync(line => line == "free");
        await host.WriteLineAsync("end");
        Assert.Equal(0, await host.WaitForExitAsync());
    }

    private static async Task ProduceAsync(RawClient client, long offset)
    {
        var response = await client.AskAsync<ProduceRequestData, ProduceResponseData>(
            RawRequests.Produce("t", RawRequests.Batch(1024, valueBytes: 1000), acks: -1), RawRequests.ProduceVersion);
        Assert.Equal(ErrorCode.None, response.Responses[0].PartitionResponses[0].ErrorCode);
        Assert.Equal(offset, response.Responses[0].PartitionResponses[0].BaseOffset);
    }

    private static async Task FetchAsync(RawClient client, long offset, int maxWaitMs, bool records)
    {
        var response = await client.AskAsync<FetchRequestData, FetchResponseData>(RawRequests.Fetch("t", offset, maxWaitMs), RawRequests.FetchVersion);
        Assert.Equal(ErrorCode.None, response.Responses[0].Partitions[0].ErrorCode);
        Assert.Equal(records, response.Responses[0].Partitions[0].Records is { Length: > 0 });
    }
}
