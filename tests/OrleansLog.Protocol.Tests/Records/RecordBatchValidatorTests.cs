using System.Buffers.Binary;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Protocol.Tests.Records;

/// <summary>Each way in which a batch can be wrong (D14), planted in a good one.</summary>
public class RecordBatchValidatorTests
{
    private const long NowMs = 1_700_000_000_000;
    private const int FirstRecord = RecordBatchHeader.Size;

    private static readonly BatchRules Rules = new() { NowMs = NowMs, MaxBatchBytes = 100_000 };

    public delegate void Damage(byte[] batch);

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Lz4)]
    public void A_good_batch_passes(CompressionCodec codec)
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some(), codec);

        BatchVerdict verdict = RecordBatchValidator.Validate(batch, Rules with { RequireKeys = true, OpenCompressed = true });

        Assert.Equal((BatchFault.None, ErrorCode.None, -1), (verdict.Fault, verdict.Error, verdict.RecordIndex));
        Assert.Equal((10, NowMs + 9, false), (verdict.Header.RecordCount, verdict.MaxTimestampMs, verdict.MaxTimestampDiffers));
    }

    public static TheoryData<string, BatchFault, ErrorCode, Damage> HeaderFaults { get; } = new()
    {
        { "magic 1", BatchFault.UnsupportedMagic, ErrorCode.InvalidRecord, batch => batch[16] = 1 },
        { "codec 7", BatchFault.UnknownCodec, ErrorCode.UnsupportedCompressionType, batch => batch[22] = 7 },
        { "no records", BatchFault.InvalidRecordCount, ErrorCode.InvalidRecord, batch => Int(batch, 57, 0) },
        { "negative records", BatchFault.InvalidRecordCount, ErrorCode.InvalidRecord, batch => Int(batch, 57, -1) },
        { "one record more", BatchFault.LastOffsetDeltaMismatch, ErrorCode.InvalidRecord, batch => Int(batch, 57, 11) },
        { "two billion records", BatchFault.LastOffsetDeltaMismatch, ErrorCode.InvalidRecord, batch => Int(batch, 57, int.MaxValue) },
        { "last offset delta", BatchFault.LastOffsetDeltaMismatch, ErrorCode.InvalidRecord, batch => Int(batch, 23, 3) },
        { "control", BatchFault.ControlBatchFromClient, ErrorCode.InvalidRecord, batch => batch[22] |= 0x20 },
        { "delete horizon", BatchFault.DeleteHorizonFromClient, ErrorCode.InvalidRecord, batch => batch[22] |= 0x40 },
        { "append time", BatchFault.LogAppendTimeFromClient, ErrorCode.InvalidTimestamp, batch => batch[22] |= 0x08 },
        { "transaction of nobody", BatchFault.TransactionalWithoutProducerId, ErrorCode.InvalidRecord, batch => batch[22] |= 0x10 },
        { "no sequence", BatchFault.InvalidSequence, ErrorCode.InvalidRecord, batch => { Long(batch, 43, 1); Short(batch, 51, 0); } },
        { "no epoch", BatchFault.InvalidProducerEpoch, ErrorCode.InvalidRecord, batch => { Long(batch, 43, 1); Int(batch, 53, 0); } },
    };

    [Theory]
    [MemberData(nameof(HeaderFaults))]
    public void A_header_that_is_wrong_is_refused(string what, BatchFault fault, ErrorCode error, Damage damage)
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some());
        damage(batch);
        SignAgain(batch);

        BatchVerdict verdict = RecordBatchValidator.Validate(batch, Rules);

        Assert.Equal((what, fault, error), (what, verdict.Fault, verdict.Error));
    }

    public static TheoryData<string, BatchFault, int, Damage> RecordFaults { get; } = new()
    {
        { "length beyond the end", BatchFault.MalformedRecord, 0, batch => Varints(batch, FirstRecord, 1000) },
        { "negative length", BatchFault.MalformedRecord, 0, batch => Varints(batch, FirstRecord, -64) },
        { "offset not the first", BatchFault.OffsetOutOfSequence, 0, batch => batch[FirstRecord + 4] = 2 },
        { "key longer than the record", BatchFault.MalformedRecord, 0, batch => batch[FirstRecord + 5] = 0x7E },
        { "key of length -2", BatchFault.MalformedRecord, 0, batch => batch[FirstRecord + 5] = 3 },
        { "value shorter than it is", BatchFault.MalformedRecord, 0, batch => batch[FirstRecord + 7]-- },
        { "trailing bytes", BatchFault.TrailingBytes, -1, batch => { Int(batch, 57, 9); Int(batch, 23, 8); } },
        { "a record missing", BatchFault.MalformedRecord, 10, batch => { Int(batch, 57, 11); Int(batch, 23, 10); } },
        { "a varint without end", BatchFault.MalformedRecord, 0, batch => batch.AsSpan(FirstRecord, 12).Fill(0xFF) },
    };

    [Theory]
    [MemberData(nameof(RecordFaults))]
    public void A_record_that_is_wrong_is_refused_with_its_index(string what, BatchFault fault, int index, Damage damage)
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some());
        damage(batch);
        SignAgain(batch);

        BatchVerdict verdict = RecordBatchValidator.Validate(batch, Rules);

        Assert.Equal((what, fault, index, ErrorCode.InvalidRecord), (what, verdict.Fault, verdict.RecordIndex, verdict.Error));
    }

    [Fact]
    public void Every_cut_and_every_extension_is_refused()
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some());
        for (int length = 0; length < batch.Length; length++)
            Assert.Equal(BatchFault.TooShort, RecordBatchValidator.Validate(batch.AsSpan(0, length), Rules).Fault);

        Assert.Equal(BatchFault.MoreThanOneBatch, RecordBatchValidator.Validate((byte[])[.. batch, .. batch], Rules).Fault);
        Assert.Equal(BatchFault.MoreThanOneBatch, RecordBatchValidator.Validate((byte[])[.. batch, 0], Rules).Fault);
    }

    [Theory]
    [InlineData(0, BatchFault.LengthTooSmall)]
    [InlineData(48, BatchFault.LengthTooSmall)]
    [InlineData(-1, BatchFault.LengthTooSmall)]
    [InlineData(int.MinValue, BatchFault.LengthTooSmall)]
    [InlineData(int.MaxValue, BatchFault.TooLarge)]
    [InlineData(99_000, BatchFault.TooShort)]
    [InlineData(49, BatchFault.MoreThanOneBatch)]
    public void A_length_that_lies_is_refused(int length, BatchFault fault)
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some());
        Int(batch, 8, length);
        Assert.Equal(fault, RecordBatchValidator.Validate(batch, Rules).Fault);
    }

    [Fact]
    public void A_batch_may_be_as_large_as_allowed_and_no_larger()
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some());
        Assert.True(RecordBatchValidator.Validate(batch, Rules with { MaxBatchBytes = batch.Length }).IsGood);

        BatchVerdict verdict = RecordBatchValidator.Validate(batch, Rules with { MaxBatchBytes = batch.Length - 1 });
        Assert.Equal(ErrorCode.MessageTooLarge, verdict.Error);
    }

    [Fact]
    public void A_checksum_that_does_not_match_is_corruption()
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some());
        batch[^1] ^= 1;
        BatchVerdict verdict = RecordBatchValidator.Validate(batch, Rules);
        Assert.Equal((BatchFault.CrcMismatch, ErrorCode.CorruptMessage), (verdict.Fault, verdict.Error));
    }

    [Theory]
    [InlineData(CompressionCodec.None, false)]
    [InlineData(CompressionCodec.Zstd, false)]
    [InlineData(CompressionCodec.Zstd, true)]
    public void A_compacted_topic_wants_keys_whatever_the_codec(CompressionCodec codec, bool openCompressed)
    {
        TestRecord[] records = TestRecord.Some();
        records[7] = records[7] with { Key = null };
        byte[] batch = TestRecord.Encode(records, codec);

        BatchVerdict verdict = RecordBatchValidator.Validate(batch, Rules with { RequireKeys = true, OpenCompressed = openCompressed });

        Assert.Equal((BatchFault.KeyMissing, 7, ErrorCode.InvalidRecord), (verdict.Fault, verdict.RecordIndex, verdict.Error));
        Assert.True(RecordBatchValidator.Validate(batch, Rules).IsGood);
    }

    [Theory]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void Compressed_records_are_no_more_than_their_bytes_can_become(CompressionCodec codec)
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some(), codec);
        Assert.Equal(BatchFault.None, Decompressor.Measure(codec, batch.AsSpan(FirstRecord), out long largestBytes));
        int most = (int)(largestBytes / 7);

        Assert.Equal(BatchFault.None, Claiming(most));
        Assert.Equal(BatchFault.MoreRecordsThanFit, Claiming(most + 1));
        Assert.Equal(BatchFault.MoreRecordsThanFit, Claiming(int.MaxValue));

        BatchFault Claiming(int count)
        {
            Int(batch, 57, count);
            Int(batch, 23, count - 1);
            SignAgain(batch);
            return RecordBatchValidator.Validate(batch, Rules).Fault;
        }
    }

    [Fact]
    public void Bytes_that_no_codec_wrote_are_refused_unopened()
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some(), CompressionCodec.Zstd);
        batch[FirstRecord] ^= 1;
        SignAgain(batch);

        BatchVerdict verdict = RecordBatchValidator.Validate(batch, Rules);

        Assert.Equal((BatchFault.CorruptCompression, ErrorCode.CorruptMessage), (verdict.Fault, verdict.Error));
    }

    [Theory]
    [InlineData(-1001, BatchFault.TimestampTooOld)]
    [InlineData(-1000, BatchFault.None)]
    [InlineData(2000, BatchFault.None)]
    [InlineData(2001, BatchFault.TimestampTooNew)]
    public void Timestamps_have_bounds_on_both_sides(long deltaMs, BatchFault fault)
    {
        BatchRules bounded = Rules with { TimestampBeforeMaxMs = 1000, TimestampAfterMaxMs = 2000 };
        TestRecord[] records = [new(NowMs, null, [1], []), new(NowMs + deltaMs, null, [2], [])];

        Assert.Equal(fault, RecordBatchValidator.Validate(TestRecord.Encode(records), bounded).Fault);
        Assert.Equal(
            BatchFault.None,
            RecordBatchValidator.Validate(TestRecord.Encode(records), bounded with { TimestampType = TimestampType.LogAppendTime }).Fault);
    }

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Gzip)]
    public void Every_record_that_is_refused_is_found(CompressionCodec codec)
    {
        BatchRules rules = Rules with { RequireKeys = true, TimestampBeforeMaxMs = 1000, TimestampAfterMaxMs = 2000 };
        TestRecord[] records =
        [
            new(NowMs, null, [1], []), new(NowMs, [1], [1], []), new(NowMs + 2001, [1], [1], []), new(NowMs, [1], [1], []), new(NowMs - 1001, [1], [1], []),
        ];
        byte[] batch = TestRecord.Encode(records, codec);
        BadRecord[] bad = [new(0, BatchFault.KeyMissing), new(2, BatchFault.TimestampTooNew), new(4, BatchFault.TimestampTooOld)];

        Assert.True(RecordBatchValidator.Validate(batch, rules).Fault.IsOfRecords());
        Assert.Equal(bad, RecordBatchValidator.FindBadRecords(batch, rules, 1000));
        Assert.Equal(bad, RecordBatchValidator.FindBadRecords(batch, rules, 3));
        Assert.Equal(bad[..2], RecordBatchValidator.FindBadRecords(batch, rules, 2));
        Assert.Empty(RecordBatchValidator.FindBadRecords(batch, Rules, 1000));
    }

    [Fact]
    public void No_timestamp_is_within_any_bounds()
    {
        BatchRules bounded = Rules with { TimestampBeforeMaxMs = 0, TimestampAfterMaxMs = 0 };
        Assert.True(RecordBatchValidator.Validate(TestRecord.Encode([new TestRecord(-1, null, [1], [])]), bounded).IsGood);
        Assert.Equal(
            BatchFault.TimestampTooOld, RecordBatchValidator.Validate(TestRecord.Encode([new TestRecord(-2, null, [1], [])]), Rules).Fault);
    }

    [Fact]
    public void A_producer_s_wrong_largest_timestamp_is_told_so_that_the_leader_corrects_it()
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some());
        Long(batch, 35, NowMs + 5);
        SignAgain(batch);

        BatchVerdict verdict = RecordBatchValidator.Validate(batch, Rules);
        Assert.True(verdict.IsGood && verdict.MaxTimestampDiffers);
        RecordBatchHeader.SetMaxTimestampAndType(batch, verdict.MaxTimestampMs, TimestampType.CreateTime);

        Assert.False(RecordBatchValidator.Validate(batch, Rules).MaxTimestampDiffers);
    }

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Gzip)]
    public void The_largest_timestamp_is_found_wherever_it_stands(CompressionCodec codec)
    {
        TestRecord[] records = TestRecord.Some();
        records[4] = records[4] with { TimestampMs = NowMs + 77 };

        BatchVerdict verdict = RecordBatchValidator.Validate(TestRecord.Encode(records, codec), Rules with { OpenCompressed = true });

        Assert.Equal((NowMs + 77, NowMs + 77), (verdict.MaxTimestampMs, verdict.Header.MaxTimestamp));
    }

    [Fact]
    public void A_coordinator_may_write_control_batches()
    {
        byte[] key = new byte[ControlRecords.KeySize];
        byte[] value = new byte[ControlRecords.EndMarkerValueSize];
        ControlRecords.WriteEndMarker(new EndTransactionMarker(ControlRecordType.Commit, 9), key, value);
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions
        {
            IsControl = true,
            IsTransactional = true,
            ProducerId = 4,
            ProducerEpoch = 2,
        });
        builder.TryAppend(NowMs, key, false, value, false);
        byte[] batch = builder.Build().ToArray();

        Assert.True(RecordBatchValidator.Validate(batch, Rules with { AllowControl = true, RequireKeys = true }).IsGood);
        using BatchRecords records = BatchRecords.Open(batch, 0, out _)!;
        foreach (ref readonly Record record in records)
        {
            Assert.True(ControlRecords.TryParseEndMarker(record, out EndTransactionMarker marker));
            Assert.Equal(new EndTransactionMarker(ControlRecordType.Commit, 9), marker);
        }
    }

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void A_good_batch_costs_no_allocation(CompressionCodec codec)
    {
        byte[] batch = TestRecord.Encode(TestRecord.Some(200), codec);
        BatchRules rules = Rules with { OpenCompressed = true };
        Assert.True(RecordBatchValidator.Validate(batch, rules).IsGood);

        Assert.Equal(0, Allocations.LeastOf(() => RecordBatchValidator.Validate(batch, rules)));
    }

    [Fact]
    public void Every_fault_has_a_sentence_and_an_error()
    {
        BatchFault[] faults = Enum.GetValues<BatchFault>();
        Assert.Distinct(faults.Select(fault => fault.Describe()));
        Assert.All(faults, fault => Assert.Equal(fault == BatchFault.None, fault.ToErrorCode() == ErrorCode.None));
    }

    private static void SignAgain(byte[] batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), RecordBatchHeader.ComputeCrc(batch));

    private static void Varints(byte[] batch, int at, int value) => Varint.Write(batch.AsSpan(at), value);

    private static void Short(byte[] batch, int at, short value) => BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(at), value);

    private static void Int(byte[] batch, int at, int value) => BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(at), value);

    private static void Long(byte[] batch, int at, long value) => BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(at), value);
}
