using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

public sealed class LongPollTests
{
    private static readonly TopicPartition Orders = new("orders", 0);
    private static readonly TopicPartition Others = new("orders", 1);

    [Fact]
    public async Task A_fetch_at_the_end_waits_and_wakes_with_the_next_batch()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), TestBroker.Clock());
        await broker.CreateTopicAsync("orders");
        var fetch = broker.Local.FetchAsync(Batches.Fetch(Orders, 0, maxWaitMs: 10_000)).AsTask();
        Assert.False(fetch.IsCompleted);

        await broker.Local.StoredAsync(Orders, "a");

        using var result = await fetch;
        Assert.Equal(["a"], result.Values());
    }

    [Fact]
    public async Task A_fetch_answers_empty_when_its_time_is_up()
    {
        var time = TestBroker.Clock();
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), time);
        await broker.CreateTopicAsync("orders");
        var fetch = broker.Local.FetchAsync(Batches.Fetch(Orders, 0, maxWaitMs: 500)).AsTask();

        time.Advance(TimeSpan.FromMilliseconds(490));
        Assert.False(fetch.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(50));

        using var result = await fetch;
        Assert.Equal(ErrorCode.None, result.Partitions[0].Error);
        Assert.True(result.Partitions[0].Records.IsEmpty);
    }

    [Fact]
    public async Task A_fetch_waits_no_longer_than_a_request_may()
    {
        var time = TestBroker.Clock();
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), time, new() { ["orleanslog.request.wait.max.ms"] = "60000" });
        await broker.CreateTopicAsync("orders");
        var fetch = broker.Local.FetchAsync(Batches.Fetch(Orders, 0, maxWaitMs: int.MaxValue)).AsTask();

        time.Advance(TimeSpan.FromMilliseconds(59_900));
        Assert.False(fetch.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(200));

        using var result = await fetch;
        Assert.Equal((ErrorCode.None, 0), (result.Partitions[0].Error, broker.Local.FetchesWaiting));
    }

    [Fact]
    public async Task A_fetch_waits_until_its_minimum_has_gathered_over_all_partitions()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), TestBroker.Clock());
        await broker.CreateTopicAsync("orders", partitions: 2);
        await broker.Local.ProduceAsync(Orders, Batches.OfSize(300));
        var fetch = broker.Local.FetchAsync(new FetchRequest
        {
            Partitions =
            [
                new FetchPartition { Partition = Orders, FetchOffset = 0, MaxBytes = 1 << 20, CurrentLeaderEpoch = -1 },
                new FetchPartition { Partition = Others, FetchOffset = 0, MaxBytes = 1 << 20, CurrentLeaderEpoch = -1 },
            ],
            MaxWaitMs = 10_000,
            MinBytes = 1000,
        }).AsTask();
        await broker.Local.ProduceAsync(Others, Batches.OfSize(300));
        Assert.False(fetch.IsCompleted);

        await broker.Local.ProduceAsync(Others, Batches.OfSize(300));

        using var result = await fetch;
        Assert.Single(result.Values(0));
        Assert.Equal(2, result.Values(1).Count);
    }

    [Fact]
    public async Task A_waiting_fetch_is_told_when_the_leadership_is_lost()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), TestBroker.Clock());
        await broker.CreateTopicAsync("orders", 1, [1, 2], [1]);
        var fetch = broker.Local.FetchAsync(Batches.Fetch(Orders, 0, maxWaitMs: 10_000)).AsTask();

        await broker.ChangePartitionAsync(Orders, leader: 2);

        using var result = await fetch;
        Assert.Equal(ErrorCode.NotLeaderOrFollower, result.Partitions[0].Error);
    }

    [Fact]
    public async Task An_error_of_one_partition_is_answered_at_once_with_the_data_of_the_others()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), TestBroker.Clock());
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "a");

        using var result = await broker.Local.FetchAsync(new FetchRequest
        {
            Partitions =
            [
                new FetchPartition { Partition = new("nowhere", 0), FetchOffset = 0, MaxBytes = 1000, CurrentLeaderEpoch = -1 },
                new FetchPartition { Partition = Orders, FetchOffset = 7, MaxBytes = 1000, CurrentLeaderEpoch = -1 },
                new FetchPartition { Partition = Orders, FetchOffset = 0, MaxBytes = 1000, CurrentLeaderEpoch = -1 },
            ],
            MaxWaitMs = 10_000,
            MinBytes = 100_000,
        });

        Assert.Equal([ErrorCode.UnknownTopicOrPartition, ErrorCode.OffsetOutOfRange, ErrorCode.None], result.Partitions.Select(p => p.Error));
        Assert.Equal(["a"], result.Values(2));
    }

    [Fact]
    public async Task A_cancelled_wait_ends()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), TestBroker.Clock());
        await broker.CreateTopicAsync("orders");
        using var cancel = new CancellationTokenSource();
        var fetch = broker.Local.FetchAsync(Batches.Fetch(Orders, 0, maxWaitMs: 10_000), cancel.Token).AsTask();

        await cancel.CancelAsync();

        (await fetch).Dispose();
    }

    [Fact]
    public async Task At_least_one_whole_batch_comes_even_over_the_limits()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders");
        await broker.Local.ProduceAsync(Orders, Batches.OfSize(5000));
        await broker.Local.ProduceAsync(Orders, Batches.OfSize(5000));

        using var result = await broker.Local.FetchAsync(Batches.Fetch(Orders, 0, maxBytes: 100));

        Assert.Single(result.Values());
    }

    [Theory]
    [InlineData(12_000, 12_000, 1 << 20)] // two whole batches are in it, and the third is there too
    [InlineData(1 << 20, 12_000, 1 << 20)] // more than the partition may give
    [InlineData(1 << 20, 1 << 20, 12_000)] // more than the answer may have
    [InlineData(1 << 20, 1 << 20, 0)]
    public async Task A_backlog_that_fills_the_answer_is_not_waited_on(int minBytes, int partitionBytes, int maxBytes)
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), TestBroker.Clock());
        await broker.CreateTopicAsync("orders");
        for (var i = 0; i < 3; i++)
            await broker.Local.ProduceAsync(Orders, Batches.OfSize(5000));

        var fetch = broker.Local.FetchAsync(Fetch(minBytes, maxBytes, (Orders, partitionBytes)));

        Assert.True(fetch.IsCompleted);
        using var result = await fetch;
        Assert.Equal(maxBytes == 0 ? 1 : 2, result.Values().Count);
    }

    [Fact]
    public async Task What_comes_counts_up_to_each_partitions_maximum()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), TestBroker.Clock());
        await broker.CreateTopicAsync("orders", partitions: 2);
        await broker.Local.ProduceAsync(Orders, Batches.OfSize(300));
        var fetch = broker.Local.FetchAsync(Fetch(minBytes: 1500, maxBytes: 1 << 20, (Orders, 1000), (Others, 1000))).AsTask();
        await broker.Local.ProduceAsync(Orders, Batches.OfSize(3000));
        await broker.Local.ProduceAsync(Orders, Batches.OfSize(3000));
        Assert.False(fetch.IsCompleted);

        await broker.Local.ProduceAsync(Others, Batches.OfSize(600));

        using var result = await fetch;
        Assert.Single(result.Values(0));
        Assert.Single(result.Values(1));
    }

    [Fact]
    public async Task An_offset_before_the_active_segment_is_answered_at_once()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), TestBroker.Clock());
        await broker.CreateTopicAsync("orders", 1, ("segment.bytes", "1024"));
        await broker.Local.ProduceAsync(Orders, Batches.OfSize(700));
        var waiting = broker.Local.FetchAsync(Fetch(minBytes: 1 << 20, maxBytes: 1 << 20, (Orders, 1 << 20))).AsTask();
        Assert.False(waiting.IsCompleted);

        await broker.Local.ProduceAsync(Orders, Batches.OfSize(700));

        using var woken = await waiting.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Single(woken.Values());
        var fetch = broker.Local.FetchAsync(Fetch(minBytes: 1 << 20, maxBytes: 1 << 20, (Orders, 1 << 20)));
        Assert.True(fetch.IsCompleted);
        using var result = await fetch;
        Assert.Single(result.Values());
    }

    [Fact]
    public async Task A_fetch_without_partitions_is_answered_at_once()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), TestBroker.Clock());

        var fetch = broker.Local.FetchAsync(Fetch(minBytes: 1, maxBytes: 1 << 20));

        Assert.True(fetch.IsCompleted);
        using var result = await fetch;
        Assert.Empty(result.Partitions);
    }

    [Fact]
    public async Task A_fetch_that_may_have_no_byte_still_waits_for_one()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), TestBroker.Clock());
        await broker.CreateTopicAsync("orders");
        var fetch = broker.Local.FetchAsync(Fetch(minBytes: 1, maxBytes: 1 << 20, (Orders, 0))).AsTask();
        Assert.False(fetch.IsCompleted);

        await broker.Local.StoredAsync(Orders, "a");

        using var result = await fetch;
        Assert.Equal(["a"], result.Values());
    }

    private static FetchRequest Fetch(int minBytes, int maxBytes, params (TopicPartition Partition, int MaxBytes)[] partitions) => new()
    {
        Partitions = [.. partitions.Select(wanted => new FetchPartition
        {
            Partition = wanted.Partition,
            FetchOffset = 0,
            MaxBytes = wanted.MaxBytes,
            CurrentLeaderEpoch = -1,
        })],
        MaxWaitMs = 10_000,
        MinBytes = minBytes,
        MaxBytes = maxBytes,
    };
}
