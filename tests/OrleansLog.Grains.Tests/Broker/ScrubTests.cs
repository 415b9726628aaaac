using Microsoft.Extensions.Time.Testing;
using OrleansLog.Log;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>D15: damage in records that nobody reads is found and told.</summary>
public sealed class ScrubTests
{
    private const int BackgroundWorkFailed = 2000;
    private const int ReadFailed = 2016;
    private const int Damaged = 2022;
    private const int PassEnded = 2040;
    private static readonly TimeSpan BeforeFirstPass = TimeSpan.FromSeconds(29.5);

    private readonly MemoryDisk _disk = new();
    private readonly FakeTimeProvider _time = TestBroker.Clock();
    private readonly BrokerLogRecord _log = new();

    [Fact]
    public async Task Damage_in_a_cold_segment_is_told_without_a_reader_and_once()
    {
        using var found = new TopicCounter("orleanslog.damage.found", "scrub-cold");
        await using var broker = await StartAsync(new() { ["orleanslog.scrub.interval.hours"] = "1" });
        var partition = await WriteAsync(broker, "scrub-cold", batches: 3, valueBytes: 800);
        FlipBit("/data/scrub-cold-0/00000000000000000001.log");

        await PassesAsync(broker, 1);
        Assert.Contains("00000000000000000001.log", Assert.Single(_log.Of(Damaged)), StringComparison.Ordinal);
        Assert.Contains("1 damaged places", Assert.Single(_log.Of(PassEnded)), StringComparison.Ordinal);

        await AdvanceAsync(broker, TimeSpan.FromHours(1));
        await PassesAsync(broker, 2);
        using var read = await broker.Local.FetchAsync(Batches.Fetch(partition, 1));
        Assert.Equal(ErrorCode.CorruptMessage, read.Partitions[0].Error);
        Assert.Single(_log.Of(Damaged));
        Assert.Equal(1, found.Value);
    }

    [Fact]
    public async Task Damage_of_one_partition_does_not_keep_the_others_from_being_read()
    {
        using var scrubbed = new TopicCounter("orleanslog.scrub.bytes", "scrub-whole");
        await using var broker = await StartAsync();
        await WriteAsync(broker, "scrub-broken", batches: 3, valueBytes: 800);
        var whole = await WriteAsync(broker, "scrub-whole", batches: 3, valueBytes: 800);
        FlipBit("/data/scrub-broken-0/00000000000000000000.log");

        await PassesAsync(broker, 1);

        Assert.Equal(broker.Host.LogBytes(whole), scrubbed.Value);
    }

    [Fact]
    public async Task The_first_pass_waits_for_logs_that_take_long_to_open()
    {
        using var scrubbed = new TopicCounter("orleanslog.scrub.bytes", "scrub-slow");
        var before = await StartAsync();
        var partition = await WriteAsync(before, "scrub-slow", batches: 3, valueBytes: 800);
        await before.DisposeAsync();

        using var gate = new SyncGate(_disk, ".log", operation: "open");
        await using var broker = await TestBroker.BeginAsync(_disk, _time, before: before, logger: _log);
        await gate.Reached;
        _time.Advance(TimeSpan.FromMinutes(1));
        gate.Open();
        await broker.SettledAsync();
        await PassesAsync(broker, 1);

        Assert.Equal(broker.Host.LogBytes(partition), scrubbed.Value);
        Assert.Single(_log.Of(PassEnded));
    }

    [Fact]
    public async Task The_pace_is_kept()
    {
        const int bytesPerSecond = 100_000;
        const int batchBytes = 20_000;
        using var scrubbed = new TopicCounter("orleanslog.scrub.bytes", "scrub-pace");
        await using var broker = await StartAsync(new() { ["orleanslog.scrub.bytes.per.second"] = $"{bytesPerSecond}" });
        var partition = await WriteAsync(broker, "scrub-pace", batches: 50, batchBytes);
        var bytes = broker.Host.LogBytes(partition);
        await AdvanceAsync(broker, BeforeFirstPass);
        Assert.Equal(0, scrubbed.Value);

        var start = _time.GetTimestamp();
        while (_log.Of(PassEnded).Length == 0)
        {
            await AdvanceAsync(broker, TimeSpan.FromSeconds(0.1));
            var seconds = _time.GetElapsedTime(start).TotalSeconds;
            Assert.InRange(scrubbed.Value, 0, (long)(seconds * bytesPerSecond) + (2 * 64 * 1024) + batchBytes);
            Assert.True(seconds < 30, $"after {seconds} s only {scrubbed.Value} of {bytes} bytes");
        }

        Assert.Equal(bytes, scrubbed.Value);
        Assert.InRange(_time.GetElapsedTime(start).TotalSeconds, 9, 13);
    }

    [Fact]
    public async Task Zero_bytes_per_second_switch_it_off()
    {
        using var scrubbed = new TopicCounter("orleanslog.scrub.bytes", "scrub-off");
        await using var broker = await StartAsync(new() { ["orleanslog.scrub.bytes.per.second"] = "0", ["orleanslog.scrub.interval.hours"] = "1" });
        await WriteAsync(broker, "scrub-off", batches: 3, valueBytes: 800);
        FlipBit("/data/scrub-off-0/00000000000000000001.log");

        await AdvanceAsync(broker, TimeSpan.FromHours(1.5));

        Assert.Equal((0, 0, 0), (scrubbed.Value, _log.Of(Damaged).Length, _log.Of(PassEnded).Length));
    }

    [Fact]
    public async Task A_stop_waits_for_the_step_at_the_disk_and_for_no_other()
    {
        using var scrubbed = new TopicCounter("orleanslog.scrub.bytes", "scrub-stop");
        await using var broker = await StartAsync();
        await broker.CreateTopicAsync("scrub-stop", partitions: 5);
        for (var i = 0; i < 5; i++)
            await broker.Local.StoredAsync(new("scrub-stop", i), "a");
        var oneBatch = broker.Host.LogBytes(new("scrub-stop", 0));

        using var gate = new SyncGate(_disk, ".log", "read");
        _time.Advance(TimeSpan.FromMinutes(1));
        await gate.Reached;
        var stop = broker.Host.StopAsync();
        Assert.False(stop.IsCompleted);
        gate.Open();
        await stop.WaitAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(oneBatch, scrubbed.Value);
        Assert.Equal(0, _disk.OpenFiles);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((oneBatch, 0), (scrubbed.Value, _log.Of(PassEnded).Length));
    }

    [Fact]
    public async Task Records_deleted_in_the_middle_of_a_pass_are_passed_over()
    {
        using var scrubbed = new TopicCounter("orleanslog.scrub.bytes", "scrub-shrinks");
        await using var broker = await StartAsync(new() { ["orleanslog.scrub.bytes.per.second"] = "20000" });
        var partition = await WriteAsync(broker, "scrub-shrinks", batches: 20, valueBytes: 20_000);
        var bytes = broker.Host.LogBytes(partition);
        await AdvanceAsync(broker, TimeSpan.FromSeconds(30));
        Assert.InRange(scrubbed.Value, 1, bytes / 2);

        await broker.Local.DeleteRecordsAsync([new(partition, 15)]);
        await PassesAsync(broker, 1);

        Assert.InRange(scrubbed.Value, bytes / 4, bytes / 2);
        AssertNothingFailed();
    }

    [Fact]
    public async Task A_topic_deleted_in_the_middle_of_a_pass_is_let_go()
    {
        using var scrubbed = new TopicCounter("orleanslog.scrub.bytes", "scrub-goes");
        await using var broker = await StartAsync(new() { ["orleanslog.scrub.bytes.per.second"] = "20000" });
        var partition = await WriteAsync(broker, "scrub-goes", batches: 20, valueBytes: 20_000);
        await AdvanceAsync(broker, TimeSpan.FromSeconds(30));
        var soFar = scrubbed.Value;
        Assert.InRange(soFar, 1, broker.Host.LogBytes(partition) / 2);

        await broker.DeleteTopicAsync("scrub-goes");
        await PassesAsync(broker, 1);

        Assert.Equal(soFar, scrubbed.Value);
        AssertNothingFailed();
    }

    private static async Task<TopicPartition> WriteAsync(TestBroker broker, string topic, int batches, int valueBytes)
    {
        await broker.CreateTopicAsync(topic, 1, ("segment.bytes", "1024"));
        for (var i = 0; i < batches; i++)
            Assert.Equal(ErrorCode.None, (await broker.Local.ProduceAsync(new(topic, 0), Batches.OfSize(valueBytes))).Error);

        return new(topic, 0);
    }

    private Task<TestBroker> StartAsync(Dictionary<string, string>? settings = null) => TestBroker.StartAsync(_disk, _time, settings, logger: _log);

    private Task AdvanceAsync(TestBroker broker, TimeSpan time) => broker.Host.BackgroundIdleAfter(() => _time.Advance(time));

    private async Task PassesAsync(TestBroker broker, int count)
    {
        for (var i = 0; _log.Of(PassEnded).Length < count; i++)
        {
            Assert.True(i < 200, "the pass does not end");
            await AdvanceAsync(broker, TimeSpan.FromSeconds(1));
        }
    }

    private void AssertNothingFailed()
    {
        foreach (var eventId in new[] { Damaged, ReadFailed, BackgroundWorkFailed })
            Assert.Empty(_log.Of(eventId));
    }

    private void FlipBit(string path)
    {
        using var file = _disk.Open(path, DiskOpen.ReadWrite);
        file.Write(file.Length - 1, [0x55]);
    }
}
