using System.Diagnostics;
using OrleansLog.Client;

namespace OrleansLog.Bench;

/// <summary>Start time and idle memory of the published silo against a bare Orleans silo that was published the same way.</summary>
internal static class StartRows
{
    private const int IdleMs = 10_000;

    public static async Task<BenchRow> StartAsync(string ours, string bare, int pairs)
    {
        var figures = await Paired.RunAsync(
            pairs,
            async () =>
            {
                await using var silo = SiloProcess.StartOurs(ours);
                await using var client = await silo.ConnectAsync();
                await CreateWhenReadyAsync(client);
                await using var producer = client.CreateProducer<Unit, string>();
                await producer.ProduceAsync("first", default, "hello");
                return Stopwatch.GetElapsedTime(silo.StartedAt).TotalSeconds;
            },
            async () =>
            {
                await using var silo = SiloProcess.StartBare(bare);
                await silo.WaitForGatewayAsync();
                return Stopwatch.GetElapsedTime(silo.StartedAt).TotalSeconds;
            });
        return new BenchRow("start of the published silo to the first acknowledged record", "s", figures.Ours, figures.Reference, figures.Ratio,
            "within 2", "bare Orleans silo's start to listening");
    }

    /// <summary>The gateway answers a moment before the broker is registered.</summary>
    private static async Task CreateWhenReadyAsync(ILogClient client)
    {
        while (true)
        {
            try
            {
                await client.Admin.CreateTopicAsync("first", partitions: 1);
                return;
            }
            catch (LogException notYet) when (notYet.IsRetriable || notYet.Code == Protocol.ErrorCode.InvalidReplicationFactor)
            {
                await Task.Delay(5);
            }
        }
    }

    public static async Task<BenchRow> MemoryAsync(string ours, string bare)
    {
        await using var silo = SiloProcess.StartOurs(ours);
        await using var reference = SiloProcess.StartBare(bare);
        await silo.WaitForGatewayAsync();
        await reference.WaitForGatewayAsync();
        await Task.Delay(IdleMs);
        var (a, b) = (silo.ResidentMb(), reference.ResidentMb());
        return new BenchRow("resident memory, idle 10 s after the start", "MB", a, b, a / b, "under 150 MB", "bare Orleans silo");
    }
}
