using System.Net;
using OrleansLog.Client;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>
/// How often the threads that serve a request wait for each other or wake each other. The counts do not depend on the machine's load, as long as those threads
/// alone are counted: whatever they hand over shows in the wake-up.
/// </summary>
public class HandOffTests
{
    private const int WarmUp = 3000;
    private const int Counted = 200;
    private const int Rounds = 5;

    /// <summary>The appenders and the threads that serve connections; the system keeps 15 characters of a name.</summary>
    private static readonly string[] Serving = ["olog-append-", "olog-network-"];

    [StraceFact]
    public async Task A_batch_of_16_KiB_costs_two_and_a_fetch_of_1_MiB_none()
    {
        using var place = new TempDirectory("hand-offs");
        await using var silo = await SiloProcess.StartAsync(new SiloLaunch(place.Path));
        await using (var log = await LogClient.ConnectAsync(new LogClientOptions { BootstrapServers = [silo.Launched.BootstrapServers] }))
            await log.Admin.CreateTopicAsync("t", 1, configs: new Dictionary<string, string> { ["orleanslog.flush.policy"] = "os" });

        using var client = await RawClient.ConnectAsync(IPEndPoint.Parse(silo.Launched.BootstrapServers));
        var batch = RawRequests.Batch(16 * 1024, valueBytes: 100);
        await ProduceAsync(client, batch, WarmUp);
        await FetchAsync(client, Counted);

        await AssertAtMostAsync(2.5, silo.Id, () => ProduceAsync(client, batch, Counted));
        await AssertAtMostAsync(0.5, silo.Id, () => FetchAsync(client, Counted));
    }

    /// <summary>The runtime's own threads are woken too, while it still compiles; what a request costs shows in every round.</summary>
    private static async Task AssertAtMostAsync(double each, int processId, Func<Task> run)
    {
        string[] calls = [];
        for (var round = 0; round < Rounds; round++)
        {
            calls = await Strace.CallsAsync(processId, Serving, "futex,sched_yield", run);
            if (calls.Length <= each * Counted)
                return;
        }

        Assert.Fail($"{calls.Length / (double)Counted} for each request. The usual ones: "
            + string.Join("; ", calls.CountBy(static call => call[..(call.LastIndexOf(',') + 1)]).OrderByDescending(static kind => kind.Value).Take(12)));
    }

    private static async Task ProduceAsync(RawClient client, byte[] batch, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var response = await client.AskAsync<ProduceRequestData, ProduceResponseData>(RawRequests.Produce("t", batch, acks: 1), RawRequests.ProduceVersion);
            Assert.Equal(ErrorCode.None, response.Responses[0].PartitionResponses[0].ErrorCode);
        }
    }

    private static async Task FetchAsync(RawClient client, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var response = await client.AskAsync<FetchRequestData, FetchResponseData>(RawRequests.Fetch("t", offset: 0), RawRequests.FetchVersion);
            Assert.InRange(response.Responses[0].Partitions[0].Records!.Value.Length, 1000 * 1000, RawRequests.FetchBytesMost);
        }
    }
}
