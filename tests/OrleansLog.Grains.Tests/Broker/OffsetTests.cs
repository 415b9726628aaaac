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

    [Fact]
    public async Task Records_at_or_above_the_high_watermark_are_not_deleted()
    {
        await using var broker = await TestBroker.StartAsync(new MemoryDisk());
        await broker.CreateTopicAsync("orders");
        await broker.Local.StoredAsync(Orders, "a", "b");

        var results = await broker.Local.DeleteRecordsAsync([new(Orders, 5), new(Orders, -1)]);

        Assert.Equal([new DeleteRecordsResult(ErrorCode.OffsetOutOfRange, -1), new DeleteRecordsResult(ErrorCode.None, 2)], results);
    }

    private static byte[] At(long timestampMs)
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions());
        Assert.True(builder.TryAppend(timestampMs, default, keyIsNull: true, "v"u8, valueIsNull: false));
        return builder.Build().ToArray();
    }
}
