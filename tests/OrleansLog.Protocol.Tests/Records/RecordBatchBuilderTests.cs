using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Protocol.Tests.Records;

public class RecordBatchBuilderTests
{
    private const long NowMs = 1_700_000_000_000;

    [Fact]
    public void A_batch_is_full_at_its_capacity_and_not_a_byte_before()
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { CapacityBytes = 1024 });
        byte[] value = new byte[50];
        while (builder.TryAppend(NowMs, default, keyIsNull: true, value, valueIsNull: false))
        {
        }

        int before = builder.EstimatedBytes;
        Assert.InRange(before, 1024 - 60, 1024);
        Assert.Equal(before, builder.Build().Length);

        // 7 bytes frame a value of up to 63 bytes with no key and small deltas: the rest is filled exactly.
        builder.Reset();
        while (builder.EstimatedBytes < before) Assert.True(builder.TryAppend(NowMs, default, true, value, false));
        byte[] rest = new byte[1024 - before - 7];
        Assert.False(builder.TryAppend(NowMs, default, true, new byte[rest.Length + 1], false));
        Assert.True(builder.TryAppend(NowMs, default, true, rest, false));
        Assert.Equal(1024, builder.EstimatedBytes);
    }

    [Fact]
    public void A_first_record_larger_than_the_capacity_gets_a_batch_of_its_own()
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { CapacityBytes = 256 });

        Assert.True(builder.TryAppend(NowMs, default, true, new byte[100_000], false));
        Assert.False(builder.TryAppend(NowMs, default, true, default, true));

        Assert.Equal(1, builder.Count);
        Assert.True(RecordBatchValidator.Validate(builder.Build().Span, new BatchRules()).IsGood);

        builder.Reset();
        builder.BeginRecord(NowMs, default, true);
        Assert.InRange(builder.GetSpan().Length, 1, 8 * 1024); // the large memory went back
    }

    [Fact]
    public void Null_and_empty_are_different()
    {
        TestRecord[] records =
        [
            new(NowMs, null, null, [new RecordHeader("null")]),
            new(NowMs, [], [], [new RecordHeader("empty", Array.Empty<byte>()), new RecordHeader("")]),
        ];
        TestRecord.AssertReads(records, TestRecord.Encode(records));
    }

    [Fact]
    public void The_producer_s_state_may_be_set_until_the_batch_is_built_and_again_after()
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions());
        builder.TryAppend(NowMs, default, true, default, true);
        builder.SetProducerState(7, 3, int.MaxValue, isTransactional: true);

        _ = RecordBatchHeader.TryRead(builder.Build().Span, out RecordBatchHeader header);
        Assert.Equal((7L, (short)3, int.MaxValue, true), (header.ProducerId, header.ProducerEpoch, header.BaseSequence, header.IsTransactional));
        Assert.True(RecordBatchValidator.Validate(builder.Build().Span, new BatchRules()).IsGood);

        builder.SetProducerState(7, 4, 0);
        _ = RecordBatchHeader.TryRead(builder.Build().Span, out header);
        Assert.Equal((short)4, header.ProducerEpoch);
    }

    // A broker in the same process writes into the producer's memory.
    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Zstd)]
    public void Building_again_restores_what_a_leader_wrote_into_the_batch(CompressionCodec codec)
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { Codec = codec });
        foreach (TestRecord record in TestRecord.Some()) record.AppendTo(builder);
        byte[] first = builder.Build().ToArray();
        Memory<byte> sent = builder.Build();
        RecordBatchHeader.SetBaseOffset(sent.Span, 1234);
        RecordBatchHeader.SetPartitionLeaderEpoch(sent.Span, 5);
        RecordBatchHeader.SetMaxTimestampAndType(sent.Span, NowMs + 1_000_000, TimestampType.LogAppendTime);

        Assert.Equal(first, builder.Build().ToArray());
    }

    [Fact]
    public void A_built_batch_takes_no_more_records()
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions());
        builder.TryAppend(NowMs, default, true, default, true);
        builder.Build();

        Assert.False(builder.TryAppend(NowMs, default, true, default, true));
        builder.Reset();
        Assert.Equal(0, builder.Count);
        Assert.True(builder.TryAppend(NowMs, default, true, default, true));
    }

    [Fact]
    public void Nothing_is_allocated_per_record_or_batch_and_nothing_is_copied_without_a_codec()
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { CapacityBytes = 64 * 1024 });
        byte[] value = new byte[100];
        Assert.Equal(0, Allocations.LeastOf(() => Fill(builder, value)));

        builder.Reset();
        builder.TryAppend(NowMs, default, true, value, false);
        Memory<byte> once = builder.Build();
        Assert.True(once.Span.Overlaps(builder.Build().Span, out int offset) && offset == 0);
    }

    [Fact]
    public void A_record_of_a_compressor_that_makes_it_longer_stays_as_it_is()
    {
        byte[] noise = new byte[300];
        new Random(3).NextBytes(noise);
        byte[] batch = TestRecord.Encode([new TestRecord(NowMs, null, noise, [])], CompressionCodec.Gzip);

        _ = RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
        Assert.Equal(CompressionCodec.None, header.Codec);
    }

    [Fact]
    public void A_begun_record_can_be_dropped_and_is_not_forgotten()
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions());
        builder.BeginRecord(NowMs, "key"u8, keyIsNull: false);
        builder.GetSpan(10)[..10].Fill(1);
        builder.Advance(10);

        Assert.Throws<InvalidOperationException>(() => builder.TryAppend(NowMs, default, true, default, true));
        Assert.Throws<InvalidOperationException>(() => builder.BeginRecord(NowMs, default, true));
        builder.CancelRecord();

        Assert.Equal(0, builder.Count);
        Assert.True(builder.TryAppend(NowMs, default, true, default, true));
        Assert.Throws<InvalidOperationException>(() => builder.GetSpan(1));
    }

    [Fact]
    public void An_empty_batch_is_only_for_the_cleaner()
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { ProducerId = 1, ProducerEpoch = 0, BaseSequence = 10 });
        Assert.Throws<InvalidOperationException>(() => builder.Build());

        byte[] emptied = builder.BuildCleaned(lastOffsetDelta: 9, maxTimestampMs: NowMs).ToArray();

        using BatchRecords? records = BatchRecords.Open(emptied, 0, out ErrorCode error);
        Assert.Equal(ErrorCode.None, error);
        Assert.Equal((0, 10L, 19, NowMs), (records!.Count, records.Header.NextOffset, records.Header.LastSequence, records.Header.MaxTimestamp));
    }

    [Fact]
    public void Offsets_only_rise()
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions());
        builder.TryAppendAt(5, NowMs, default, true, default, true);
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.TryAppendAt(5, NowMs, default, true, default, true));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.BuildCleaned(4, NowMs));
    }

    public static TheoryData<RecordBatchBuilderOptions> Impossible { get; } =
    [
        new() { Codec = (CompressionCodec)5 },
        new() { Codec = CompressionCodec.Zstd, CompressionLevel = 99 },
        new() { CompressionLevel = 1 },
        new() { CapacityBytes = 10 },
        new() { CapacityBytes = int.MaxValue },
        new() { IsTransactional = true },
    ];

    [Theory]
    [MemberData(nameof(Impossible))]
    public void Options_that_cannot_be_are_refused(RecordBatchBuilderOptions options) =>
        Assert.Throws<ArgumentException>(() => new RecordBatchBuilder(options));

    private static void Fill(RecordBatchBuilder builder, byte[] value)
    {
        builder.Reset();
        while (builder.TryAppend(NowMs, default, true, value, false))
        {
        }

        _ = builder.Build();
        builder.Reset();
        builder.BeginRecord(NowMs, default, true);
        value.CopyTo(builder.GetSpan(value.Length));
        builder.Advance(value.Length);
        _ = builder.EndRecord();
    }
}
