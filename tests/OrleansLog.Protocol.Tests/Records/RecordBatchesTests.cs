using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Protocol.Tests.Records;

public class RecordBatchesTests
{
    [Fact]
    public void A_run_of_batches_comes_apart_and_a_cut_one_at_its_end_is_left()
    {
        byte[] first = TestRecord.Encode(TestRecord.Some(3));
        byte[] second = TestRecord.Encode(TestRecord.Some(5));
        byte[] both = [.. first, .. second];
        for (int length = 0; length <= both.Length; length++)
        {
            ReadOnlyMemory<byte> rest = both.AsMemory(0, length);
            List<int> sizes = [];
            BatchFault fault;
            while (RecordBatches.TryTakeNext(ref rest, out ReadOnlyMemory<byte> batch, out fault)) sizes.Add(batch.Length);

            Assert.Equal(BatchFault.None, fault);
            Assert.Equal(length == both.Length ? [first.Length, second.Length] : length >= first.Length ? [first.Length] : [], sizes);
        }
    }

    [Fact]
    public void A_length_that_cannot_be_is_told_apart_from_a_cut()
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some(3));
        batch.AsSpan(8, 4).Clear();
        ReadOnlyMemory<byte> rest = batch;
        Assert.False(RecordBatches.TryTakeNext(ref rest, out _, out BatchFault fault));
        Assert.Equal(BatchFault.LengthTooSmall, fault);
    }

    [Fact]
    public void Append_time_is_every_record_s_time_and_the_checksum_follows()
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some(3));
        RecordBatchHeader.SetMaxTimestampAndType(batch, 42, TimestampType.LogAppendTime);

        using BatchRecords records = BatchRecords.Open(batch, 0, out ErrorCode error)!;
        Assert.Equal(ErrorCode.None, error);
        Assert.Equal(TimestampType.LogAppendTime, records.Header.TimestampType);
        foreach (ref readonly Record record in records) Assert.Equal(42, record.TimestampMs);
    }

    [Fact]
    public void A_header_writes_back_what_it_read()
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some(3));
        _ = RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
        byte[] written = new byte[RecordBatchHeader.Size];
        header.Write(written);
        Assert.Equal(batch[..RecordBatchHeader.Size], written);
    }

    [Theory]
    [InlineData(0, 4, 4)]
    [InlineData(int.MaxValue, 0, int.MaxValue)]
    [InlineData(int.MaxValue, 1, 0)]
    [InlineData(int.MaxValue - 1, 4, 2)]
    [InlineData(-1, 4, -1)]
    public void Sequences_wrap_to_zero(int baseSequence, int lastOffsetDelta, int lastSequence) =>
        Assert.Equal(
            lastSequence, new RecordBatchHeader { BaseSequence = baseSequence, LastOffsetDelta = lastOffsetDelta }.LastSequence);

    [Fact]
    public void Reading_allocates_one_object_per_batch_and_nothing_per_record()
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some(500));
        Assert.InRange(Allocations.LeastOf(() => ReadAll(batch)), 0, 200);
    }

    private static long ReadAll(byte[] batch)
    {
        using BatchRecords records = BatchRecords.Open(batch, 0, out _)!;
        long sum = 0;
        foreach (ref readonly Record record in records) sum += record.Offset + record.Value.Length + record.Key.Span.Length;
        return sum;
    }
}
