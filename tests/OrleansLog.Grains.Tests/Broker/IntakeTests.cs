using System.Buffers.Binary;
using Microsoft.Extensions.Time.Testing;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

/// <summary>D14: what a leader does with a batch before it takes it.</summary>
public sealed class IntakeTests
{
    private static readonly TopicPartition Orders = new("orders", 0);

    [Fact]
    public async Task A_batch_over_max_message_bytes_is_refused_and_nothing_is_written()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders", 1, ("max.message.bytes", "1000"));

        var result = await broker.Local.ProduceAsync(Orders, Batches.OfSize(2000));

        Assert.Equal((ErrorCode.MessageTooLarge, ProduceOutcome.NotStored), (result.Error, result.Outcome));
        Assert.Empty(await broker.Local.ReadAllAsync(Orders));
    }

    [Fact]
    public async Task A_damaged_batch_is_refused()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders");
        var batch = Batches.Of("a");
        batch[^1] ^= 1;

        var result = await broker.Local.ProduceAsync(Orders, batch);

        Assert.Equal((ErrorCode.CorruptMessage, ProduceOutcome.NotStored), (result.Error, result.Outcome));
    }

    /// <summary>The frame is good and the number is one that fits: only its records tell that it lies.</summary>
    [Theory]
    [InlineData("true", ErrorCode.InvalidRecord)]
    [InlineData("false", ErrorCode.None)]
    public async Task The_records_of_a_compressed_batch_are_checked_where_the_topic_asks_for_it(string check, ErrorCode expected)
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders", 1, ("orleanslog.compressed.records.check", check));
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { Codec = CompressionCodec.Lz4 });
        for (var i = 0; i < 10; i++)
            Assert.True(builder.TryAppend(Batches.TimestampMs, default, keyIsNull: true, new byte[100], valueIsNull: false));
        var batch = builder.Build().ToArray();
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(57), 11);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(23), 10);
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), RecordBatchHeader.ComputeCrc(batch));

        Assert.Equal(expected, (await broker.Local.ProduceAsync(Orders, batch)).Error);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(-2)]
    public async Task Acks_that_do_not_exist_are_refused(short acks)
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders");

        Assert.Equal(ErrorCode.InvalidRequiredAcks, (await broker.Local.ProduceAsync(Orders, Batches.Of("a"), (Acks)acks)).Error);
    }

    [Fact]
    public async Task Log_append_time_is_stamped_and_answered()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123));
        await using var broker = await TestBroker.StartAsync(new MemoryDisk(), time);
        await broker.CreateTopicAsync("orders", 1, ("message.timestamp.type", "LogAppendTime"));

        var result = await broker.Local.ProduceAsync(Orders, Batches.Of("a"));

        Assert.Equal(1_700_000_000_123, result.LogAppendTimeMs);
        using var fetch = await broker.Local.FetchAsync(Batches.Fetch(Orders, 0));
        Assert.True(RecordBatchHeader.TryRead(fetch.Partitions[0].Records.Span, out var header));
        Assert.Equal((TimestampType.LogAppendTime, 1_700_000_000_123), (header.TimestampType, header.MaxTimestamp));
    }

    [Fact]
    public async Task A_stamped_batch_that_is_refused_goes_back_as_it_came_and_may_be_sent_again()
    {
        var disk = new MemoryDisk();
        var time = TestBroker.Clock();
        await using var broker = await TestBroker.StartAsync(disk, time);
        await broker.CreateTopicAsync("orders", 1, ("message.timestamp.type", "LogAppendTime"), ("orleanslog.flush.policy", "os"));
        await broker.Local.StoredAsync(Orders, "first");
        var batch = Batches.Of("a");
        var original = batch.ToArray();
        disk.CapacityBytes = disk.UsedBytes + 10;
        Assert.Equal(ProduceOutcome.NotStored, (await broker.Local.ProduceAsync(Orders, batch)).Outcome);

        Assert.True(RecordBatchHeader.TryRead(batch, out var header));
        Assert.Equal(TimestampType.CreateTime, header.TimestampType);
        Assert.Equal(original[16..], batch[16..]);
    }

    [Theory]
    [InlineData("zstd", CompressionCodec.None, CompressionCodec.Zstd)]
    [InlineData("lz4", CompressionCodec.Gzip, CompressionCodec.Lz4)]
    [InlineData("uncompressed", CompressionCodec.Snappy, CompressionCodec.None)]
    [InlineData("producer", CompressionCodec.Gzip, CompressionCodec.Gzip)]
    public async Task The_topics_compression_type_decides_how_a_batch_is_stored(string type, CompressionCodec sent, CompressionCodec stored)
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders", 1, ("compression.type", type));
        string[] values = [.. Enumerable.Range(0, 100).Select(i => $"value {i}")];

        var result = await broker.Local.ProduceAsync(Orders, Batches.Of(sent, values));

        Assert.True(result.Error == ErrorCode.None, result.Message);
        using var fetch = await broker.Local.FetchAsync(Batches.Fetch(Orders, 0));
        Assert.True(RecordBatchHeader.TryRead(fetch.Partitions[0].Records.Span, out var header));
        Assert.Equal(stored, header.Codec);
        Assert.Equal(values, fetch.Values());
    }

    [Fact]
    public async Task An_unknown_topic_and_an_unknown_partition_are_told_apart_from_one_led_elsewhere()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders", 1, [2], [2]);

        Assert.Equal(ErrorCode.NotLeaderOrFollower, (await broker.Local.ProduceAsync(Orders, Batches.Of("a"))).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await broker.Local.ProduceAsync(new("orders", 5), Batches.Of("a"))).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await broker.Local.ProduceAsync(new("nothing", 0), Batches.Of("a"))).Error);
    }
}
