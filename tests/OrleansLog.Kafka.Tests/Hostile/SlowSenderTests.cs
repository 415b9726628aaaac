using System.Buffers.Binary;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansLog.Kafka.Listening;
using OrleansLog.Kafka.Network;
using OrleansLog.Kafka.Tests.Network;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;

namespace OrleansLog.Kafka.Tests.Hostile;

/// <summary>Clients that begin large requests and hold the memory for them, while others have something to send.</summary>
public class SlowSenderTests
{
    private const int DeclaredBytes = 100_000_000;
    private const int FirstGrowthBytes = 2 * FrameMemory.FirstStepBytes;
    private const int ValueBytes = 100_000;
    private const string CutLine = "do not get on";

    [Fact]
    public async Task A_request_holds_what_has_come_of_it_not_what_it_declares()
    {
        const int Senders = 60;
        using var log = new LogLines(LogLevel.Warning);
        await using var broker = await StartAsync(log, 16_000_000);
        var listeners = broker.Services.GetRequiredService<KafkaListeners>();
        var senders = await BeginAsync(broker, Senders);
        await KafkaBroker.UntilAsync(() => listeners.RequestBytes == Senders * FirstGrowthBytes);

        await ProduceAsync(broker);
        Assert.DoesNotContain(log.All, static line => line.Contains(CutLine, StringComparison.Ordinal));
        senders.ForEach(static sender => sender.Dispose());
        await KafkaBroker.UntilAsync(() => listeners.RequestBytes == 0);
    }

    [Fact]
    public async Task Who_sends_nothing_more_while_others_wait_for_memory_is_cut()
    {
        const int Senders = 20;
        const int MemoryBytes = 2_000_000;
        const int Holding = MemoryBytes / 4 * 3 / FirstGrowthBytes;
        using var log = new LogLines(LogLevel.Warning);
        await using var broker = await StartAsync(log, MemoryBytes);
        var listeners = broker.Services.GetRequiredService<KafkaListeners>();
        var senders = await BeginAsync(broker, Senders);

        // Or the first are cut already.
        await KafkaBroker.UntilAsync(() => listeners.RequestsWaiting == Senders - Holding || log.All.Any(static line => line.Contains(CutLine, StringComparison.Ordinal)));

        await ProduceAsync(broker);
        await log.SaysAsync(CutLine);
        senders.ForEach(static sender => sender.Dispose());
    }

    [Fact]
    public async Task Who_asked_for_a_wait_with_a_large_request_is_cut_while_others_wait_for_memory()
    {
        using var log = new LogLines(LogLevel.Warning);
        await using var broker = await StartAsync(log, 400_000);
        using var fetcher = await broker.ConnectRawAsync();
        var fetch = Requests.Fetch("slow", 0, maxWaitMs: int.MaxValue);
        fetch.Topics[0].Partitions = [.. Enumerable.Repeat(fetch.Topics[0].Partitions[0], 9_000)];
        await fetcher.SendAsync(fetch, Requests.FetchVersion);
        await broker.FetchWaitsAsync();

        await ProduceAsync(broker);
        await fetcher.AssertClosedAsync();
        await log.SaysAsync(CutLine);
    }

    /// <summary>Each holds a part of the memory, and together all of it: they go on one by one, and nobody has to be cut for it.</summary>
    [Fact]
    public async Task Many_large_requests_at_a_time_are_served_though_all_of_them_do_not_fit()
    {
        const int Clients = 12;
        using var log = new LogLines(LogLevel.Warning);
        await using var broker = await StartAsync(log, 1_000_000, ("orleanslog.request.pace.min.bytes.per.second", "0"));
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => ProduceAsync(broker, 900_000)));

        // A client has its answer a moment before the memory of its request is given back.
        var listeners = broker.Services.GetRequiredService<KafkaListeners>();
        await KafkaBroker.UntilAsync(() => listeners is { RequestBytes: 0, RequestsWaiting: 0 });
    }

    private static async Task<KafkaBroker> StartAsync(LogLines log, int memoryBytes, params (string Key, string Value)[] settings)
    {
        var broker = await KafkaBroker.StartAsync(log, [("orleanslog.flush.policy", "os"), ("queued.max.request.bytes", $"{memoryBytes}"), .. settings]);
        await broker.CreateTopicAsync("slow");
        return broker;
    }

    /// <summary>Requests of which no more comes than makes them large.</summary>
    private static async Task<List<RawClient>> BeginAsync(KafkaBroker broker, int count)
    {
        var begun = new byte[sizeof(int) + FrameMemory.FirstStepBytes + 1];
        BinaryPrimitives.WriteInt32BigEndian(begun, DeclaredBytes);
        var senders = new List<RawClient>();
        for (var i = 0; i < count; i++)
        {
            senders.Add(await broker.ConnectRawAsync());
            await senders[i].SendAsync(begun);
        }

        return senders;
    }

    private static async Task ProduceAsync(KafkaBroker broker, int valueBytes = ValueBytes)
    {
        using var client = await broker.ConnectRawAsync();
        var produced = await client.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce("slow", new byte[valueBytes]), Requests.ProduceVersion);
        Assert.Equal(ErrorCode.None, produced.Responses[0].PartitionResponses[0].ErrorCode);
    }
}
