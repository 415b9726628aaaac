using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Broker;

public sealed class OffsetTests
{
    private static readonly TopicPartition Orders = new("orders", 0);

    [Fact]
    public async Task Offsets_are_found_by_name_and_by_timestamp()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders");
        foreach (var timestampMs in new[] { 1000L, 3000, 2000 })
            Assert.Equal(ErrorCode.None, (await broker.Local.ProduceAsync(Orders, At(timestampMs))).Error);

        var found = await broker.Local.ListOffsetsAsync(
            [
                new(Orders, OffsetSpec.Earliest), new(Orders, OffsetSpec.Latest), new(Orders, OffsetSpec.MaxTimestamp),
                new(Orders, 1500), new(Orders, 5000), new(new("nothing", 0), OffsetSpec.Latest), new(Orders, OffsetSpec.Latest, 3),
            ],
            default);

        Assert.Equal((0, 3, 1), (found[0].Offset, found[1].Offset, found[2].Offset));
        Assert.Equal((3000, 1, 3000), (found[2].TimestampMs, found[3].Offset, found[3].TimestampMs));
        Assert.Equal((ErrorCode.None, -1), (found[4].Error, found[4].Offset));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownLeaderEpoch), (found[5].Error, found[6].Error));
    }

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Zstd)]
    public async Task The_largest_timestamp_is_its_first_records_not_its_batchs_end_and_never_a_deleted_ones(CompressionCodec codec)
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders", 1, ("message.timestamp.type", "CreateTime"));
        await broker.ChangePartitionAsync(Orders, leader: TestBroker.Id);
        Assert.Equal(ErrorCode.None, (await broker.Local.ProduceAsync(Orders, At(codec, 1000, 4000, 2000))).Error);
        await broker.ChangePartitionAsync(Orders, leader: TestBroker.Id);
        Assert.Equal(ErrorCode.None, (await broker.Local.ProduceAsync(Orders, At(codec, 3000, 3500, 3500, 2000))).Error);

        Assert.Equal(new ListOffsetsResult(ErrorCode.None, 1, 4000, 1), await LargestAsync(broker));
        await broker.Local.DeleteRecordsAsync([new(Orders, 2)]);
        Assert.Equal(new ListOffsetsResult(ErrorCode.None, 4, 3500, 2), await LargestAsync(broker));
        await broker.Local.DeleteRecordsAsync([new(Orders, 6)]);
        Assert.Equal(new ListOffsetsResult(ErrorCode.None, 6, 2000, 2), await LargestAsync(broker));
        await broker.Local.DeleteRecordsAsync([new(Orders, 7)]);
        Assert.Equal(new ListOffsetsResult(ErrorCode.None, -1), await LargestAsync(broker));
    }

    [Fact]
    public async Task Where_the_leader_stamps_batches_the_largest_timestamp_is_the_first_record_of_its_batch()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders", 1, ("message.timestamp.type", "LogAppendTime"));
        Assert.Equal(ErrorCode.None, (await broker.Local.ProduceAsync(Orders, At(CompressionCodec.Gzip, 1000, 4000, 2000))).Error);

        Assert.Equal(new ListOffsetsResult(ErrorCode.None, 0, Batches.TimestampMs, 0), await LargestAsync(broker));
    }

    [Fact]
    public async Task Records_at_or_above_the_high_watermark_are_not_deleted()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "a", "b");

        var results = await broker.Local.DeleteRecordsAsync([new(Orders, 5), new(Orders, -1)]);

        Assert.Equal([new DeleteRecordsResult(ErrorCode.OffsetOutOfRange, -1), new DeleteRecordsResult(ErrorCode.None, 2)], results);
    }

    private static async Task<ListOffsetsResult> LargestAsync(TestBroker broker) =>
        (await broker.Local.ListOffsetsAsync([new(Orders, OffsetSpec.MaxTimestamp)], default))[0];

    private static byte[] At(long timestampMs) => At(CompressionCodec.None, timestampMs);

    private static byte[] At(CompressionCodec codec, params long[] timestampsMs)
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { Codec = codec });
        foreach (var timestampMs in timestampsMs)
            Assert.True(builder.TryAppend(timestampMs, default, keyIsNull: true, "v"u8, valueIsNull: false));

        return builder.Build().ToArray();
    }
}
