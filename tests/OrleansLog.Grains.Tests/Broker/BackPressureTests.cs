using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

public sealed class BackPressureTests
{
    private const int BatchBytes = 600_000;

    private static readonly TopicPartition Orders = new("orders", 0);
    private static readonly Dictionary<string, string> SmallQueue = new() { ["orleanslog.appender.queue.max.bytes"] = "1048576" };

    [Fact]
    public async Task A_batch_that_finds_no_room_waits_and_is_appended_in_its_turn()
    {
        var disk = new MemoryDisk();
        await using var broker = await TestBroker.StartAsync(disk, settings: SmallQueue);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "os"));
        using var gate = new SyncGate(disk, ".log", "write");
        var produces = new List<Task<ProduceResult>> { broker.Local.ProduceAsync(Orders, Batches.OfSize(BatchBytes)).AsTask() };
        await gate.Reached;
        for (var i = 0; i < 5; i++)
            produces.Add(broker.Local.ProduceAsync(Orders, Batches.OfSize(BatchBytes)).AsTask());

        Assert.True(produces.TrueForAll(produce => !produce.IsCompleted));
        gate.Open();

        var results = await Task.WhenAll(produces);
        Assert.Equal([0, 1, 2, 3, 4, 5], results.Select(result => result.BaseOffset));
    }

    [Fact]
    public async Task A_batch_that_finds_no_room_in_time_is_refused_as_not_stored()
    {
        var disk = new MemoryDisk();
        var time = TestBroker.Clock();
        await using var broker = await TestBroker.StartAsync(disk, time, SmallQueue);
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.flush.policy", "os"));
        using var gate = new SyncGate(disk, ".log", "write");
        var first = broker.Local.ProduceAsync(Orders, Batches.OfSize(BatchBytes)).AsTask();
        await gate.Reached;
        var second = broker.Local.ProduceAsync(Orders, Batches.OfSize(BatchBytes), timeoutMs: 100).AsTask();

        time.Advance(TimeSpan.FromMilliseconds(200));

        var refused = await second;
        Assert.Equal((ErrorCode.RequestTimedOut, ProduceOutcome.NotStored), (refused.Error, refused.Outcome));
        gate.Open();
        Assert.Equal(ProduceOutcome.Stored, (await first).Outcome);
    }

    [Fact]
    public async Task Producers_side_by_side_lose_and_double_nothing()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), settings: SmallQueue);
        await broker.CreateTopicAsync("orders", partitions: 4);
        var stored = await Task.WhenAll(Enumerable.Range(0, 16).Select(producer => Task.Run(async () =>
        {
            var mine = new List<(TopicPartition, long, string)>();
            for (var i = 0; i < 50; i++)
            {
                var partition = new TopicPartition("orders", (producer + i) % 4);
                mine.Add((partition, await broker.Local.StoredAsync(partition, $"{producer}/{i}"), $"{producer}/{i}"));
            }

            return mine;
        })));

        for (var partition = 0; partition < 4; partition++)
        {
            var name = new TopicPartition("orders", partition);
            var expected = stored.SelectMany(mine => mine).Where(s => s.Item1 == name).OrderBy(s => s.Item2).Select(s => s.Item3);
            Assert.Equal(expected, await broker.Local.ReadAllAsync(name));
        }
    }
}
