using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OrleansLog.Kafka.Tests.Network;
using OrleansLog.Protocol.Messages;
using Xunit.Abstractions;

namespace OrleansLog.Kafka.Tests.Hostile;

/// <summary>Broken requests on a real socket: each is answered or its connection closed, and nobody else notices (fault 15).</summary>
[Trait("Category", "Fuzz")]
public class SocketFuzzTests(ITestOutputHelper output)
{
    private const int CasesBetweenChecks = 500;
    private const long MostGrowth = 256L << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ShortPatience = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Broken_requests_are_answered_or_refused_and_the_broker_lives()
    {
        using var log = new BrokerLines(LogLevel.Error);
        await using var broker = await KafkaBroker.StartAsync(
            log, ("orleanslog.flush.policy", "os"), ("group.initial.rebalance.delay.ms", "0"), ("offsets.topic.num.partitions", "3"), ("num.partitions", "2"));
        await broker.CreateTopicAsync("healthy");
        using var other = await broker.ConnectRawAsync();
        var run = new FuzzRun();
        var (answered, closed, offset, before) = (0L, 0, 0L, 0L);
        var (slowest, slowestSeed) = (TimeSpan.Zero, 0);
        foreach (var seed in run.Seeds())
        {
            var began = run.Elapsed;
            var frames = Frames(new Random(seed));
            try
            {
                var answers = await TryAsync(broker, frames);
                answered += answers;
                closed += answers == 0 ? 1 : 0;
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {seed}, {string.Join(", ", frames.Select(Convert.ToHexString))}: {error}");
            }

            if (run.Elapsed - began > slowest)
                (slowest, slowestSeed) = (run.Elapsed - began, seed);

            Assert.True(log.All.Count == 0, $"seed {seed} at the latest: {string.Join('\n', log.All)}");
            if (run.Cases % CasesBetweenChecks != 0)
                continue;

            await CheckAsync(other, offset++, seed);
            var memory = GC.GetTotalMemory(forceFullCollection: true);
            before = before == 0 ? memory : before;
            Assert.True(memory - before < MostGrowth, $"seed {seed} at the latest: {before} bytes grew to {memory}");
        }

        await CheckAsync(other, offset, 0);
        output.WriteLine($"{run.Cases} connections in {run.Elapsed}, {answered} answers, {closed} closed without one, "
            + $"the slowest {slowest} (seed {slowestSeed}), managed memory {before >> 20} MiB, then {GC.GetTotalMemory(forceFullCollection: true) >> 20} MiB");
    }

    private static byte[][] Frames(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Mutator.Framed(Mutator.Request(random), random))];

    /// <summary>A few requests on one connection, of which the client then hears no more: half closed, as a waiting request has to notice.</summary>
    private static async Task<int> TryAsync(KafkaBroker broker, byte[][] frames)
    {
        using var client = await broker.ConnectRawAsync();
        try
        {
            foreach (var frame in frames)
                await client.SendAsync(frame);

            client.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The broker closed before it had everything; what it answered until then is read all the same.
        }

        var answers = 0;
        var mayWait = MayWait(frames);
        try
        {
            while (await client.ReceiveAsync().WaitAsync(mayWait ? ShortPatience : Patience) is not null)
                answers++;
        }
        catch (TimeoutException) when (mayWait)
        {
            // It leaves, and its place is taken until the wait ends.
        }

        return answers;
    }

    /// <summary>
    /// True where a request that waits as long as it says (JoinGroup, SyncGroup, Fetch) has another one behind it: the connection is not read then, as
    /// with Kafka, and does not see that its client is gone.
    /// </summary>
    private static bool MayWait(byte[][] frames) =>
        frames[..^1].Any(static frame => frame is [_, _, _, _, 0, (byte)ApiKey.Fetch or (byte)ApiKey.JoinGroup or (byte)ApiKey.SyncGroup, ..]);

    /// <summary>A client that means well writes and reads as if nothing was.</summary>
    private static async Task CheckAsync(RawClient client, long offset, int seed)
    {
        var produced = await client.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce("healthy", [1, 2, 3]), Requests.ProduceVersion);
        var answer = produced.Responses[0].PartitionResponses[0];
        Assert.True(answer.ErrorCode == ErrorCode.None && answer.BaseOffset == offset, $"seed {seed} at the latest: {answer.ErrorCode} at {answer.BaseOffset}, not {offset}");
        var fetched = await client.AskAsync<FetchRequestData, FetchResponseData>(Requests.Fetch("healthy", offset), Requests.FetchVersion);
        Assert.True(fetched.Responses[0].Partitions[0].Records is { Length: > 0 }, $"seed {seed} at the latest: nothing at {offset}");
    }
}
