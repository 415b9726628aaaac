using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansLog.Grains;
using OrleansLog.Kafka.Listening;
using OrleansLog.Kafka.Tests.Network;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;
using Xunit.Abstractions;

namespace OrleansLog.Kafka.Tests.Hostile;

/// <summary>
/// Broken requests on a real socket, slow ones, and ones that wait for ever: each is answered or its connection closed, nobody else notices, and
/// nothing of it is left (faults 15, 16 and 17).
/// </summary>
[Trait("Category", "Fuzz")]
[Collection(Alone.Name)]
public class SocketFuzzTests(ITestOutputHelper output)
{
    private const int CasesBetweenChecks = 500;
    private const long MostGrowth = 256L << 20;
    private const int MostSlow = 16;
    private const int MostSlowBytes = 200_000;
    private const int LargeValueBytes = 100_000;

    private static readonly int[] Waits = [-1, 0, 1, 1_000_000, int.MaxValue - 1, int.MaxValue];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ShortPatience = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Broken_requests_are_answered_or_refused_and_the_broker_lives()
    {
        using var log = new LogLines(LogLevel.Error);
        await using var broker = await KafkaBroker.StartAsync(
            log, ("orleanslog.flush.policy", "os"), ("group.initial.rebalance.delay.ms", "0"), ("offsets.topic.num.partitions", "3"), ("num.partitions", "2"),
            ("queued.max.request.bytes", "4000000"));
        await broker.CreateTopicAsync("healthy");
        await broker.CreateTopicAsync("idle");
        await broker.CreateTopicAsync("large");
        var slow = new Queue<RawClient>();
        using var other = await broker.ConnectRawAsync();
        var run = new FuzzRun();
        var (answered, closed, offset, before) = (0L, 0, 0L, 0L);
        var (slowest, slowestSeed) = (TimeSpan.Zero, 0);
        foreach (var seed in run.Seeds())
        {
            var began = run.Elapsed;
            var random = new Random(seed);
            var frames = Frames(random);
            try
            {
                await BeginSlowlyAsync(broker, slow, random);
                await WaitAndLeaveAsync(broker, random);
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
        foreach (var client in slow)
            client.Dispose();

        var listeners = broker.Services.GetRequiredService<KafkaListeners>();
        await KafkaBroker.UntilAsync(() => broker.Services.GetRequiredService<BrokerHost>().Local.FetchesWaiting == 0
            && listeners is { Connections: 1, RequestBytes: 0, RequestsWaiting: 0 });
        output.WriteLine($"{run.Cases} connections in {run.Elapsed}, {answered} answers, {closed} closed without one, "
            + $"the slowest {slowest} (seed {slowestSeed}), managed memory {before >> 20} MiB, then {GC.GetTotalMemory(forceFullCollection: true) >> 20} MiB");
    }

    private static byte[][] Frames(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Mutator.Framed(Mutator.Request(random), random))];

    /// <summary>Now and then a request begins of which no more comes; it stays with some others like it.</summary>
    private static async Task BeginSlowlyAsync(KafkaBroker broker, Queue<RawClient> slow, Random random)
    {
        if (random.Next(8) != 0)
            return;

        var declared = random.Next(1, 104_857_600);
        var begun = new byte[sizeof(int) + Math.Min(declared - 1, random.Next(MostSlowBytes))];
        BinaryPrimitives.WriteInt32BigEndian(begun, declared);
        slow.Enqueue(await broker.ConnectRawAsync());
        if (slow.Count > MostSlow)
            slow.Dequeue().Dispose();

        // It may have to wait for memory, and the broker then does not read: what does not go now stays.
        slow.Last().Socket.Blocking = false;
        slow.Last().Socket.Send(begun, SocketFlags.None, out _);
    }

    /// <summary>Now and then a few fetches wait as long as they can say, and their client goes.</summary>
    private static async Task WaitAndLeaveAsync(KafkaBroker broker, Random random)
    {
        if (random.Next(8) != 0)
            return;

        using var client = await broker.ConnectRawAsync();
        for (var left = random.Next(1, 5); left > 0; left--)
            await client.SendAsync(Requests.Fetch("idle", 0, Waits[random.Next(Waits.Length)], Waits[random.Next(Waits.Length)]), Requests.FetchVersion);
    }

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
            // It leaves, and the broker notices within a second or two.
        }

        return answers;
    }

    /// <summary>
    /// True where a request that waits as long as it says (JoinGroup, SyncGroup, Fetch) has another one behind it: the connection is not read then, and
    /// that the client is gone is only looked for once a second.
    /// </summary>
    private static bool MayWait(byte[][] frames) =>
        frames[..^1].Any(static frame => frame is [_, _, _, _, 0, (byte)ApiKey.Fetch or (byte)ApiKey.JoinGroup or (byte)ApiKey.SyncGroup, ..]);

    /// <summary>A client that means well writes and reads as if nothing was.</summary>
    private static async Task CheckAsync(RawClient client, long offset, int seed)
    {
        var produced = await client.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce("healthy", [1, 2, 3]), Requests.ProduceVersion);
        var answer = produced.Responses[0].PartitionResponses[0];
        Assert.True(answer.ErrorCode == ErrorCode.None && answer.BaseOffset == offset, $"seed {seed} at the latest: {answer.ErrorCode} at {answer.BaseOffset}, not {offset}");
        var large = await client.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce("large", new byte[LargeValueBytes]), Requests.ProduceVersion);
        Assert.True(large.Responses[0].PartitionResponses[0].ErrorCode == ErrorCode.None, $"seed {seed} at the latest: {large.Responses[0].PartitionResponses[0].ErrorCode}");
        var fetched = await client.AskAsync<FetchRequestData, FetchResponseData>(Requests.Fetch("healthy", offset), Requests.FetchVersion);
        Assert.True(fetched.Responses[0].Partitions[0].Records is { Length: > 0 }, $"seed {seed} at the latest: nothing at {offset}");
    }
}
