using System.Buffers.Binary;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Log.Tests;

public sealed class MaxTimestampTests : IDisposable
{
    private readonly LogHarness _harness = new();

    public MaxTimestampTests() => _harness.Open();

    public void Dispose() => _harness.Dispose();

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void It_is_the_first_record_that_has_it_not_the_end_of_its_batch(CompressionCodec codec)
    {
        _harness.Append(1, Of(codec, 100, 200));
        _harness.Append(4, Of(codec, 100, 300, 200, 300, 100));
        _harness.Append(5, Of(codec, 300));
        Assert.Equal(At(300, 3, epoch: 4), _harness.Log.FindMaxTimestamp());
        _harness.Reopen();
        Assert.Equal(At(300, 3, epoch: 4), _harness.Log.FindMaxTimestamp());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_the_leader_stamped_the_batch_it_is_the_batchs_first_record(bool isCompressed)
    {
        byte[] batch = Of(isCompressed ? CompressionCodec.Zstd : CompressionCodec.None, 100, 300, 200);
        RecordBatchHeader.SetMaxTimestampAndType(batch, 1000, TimestampType.LogAppendTime);
        _harness.Append(0, Of(CompressionCodec.None, 50), WithCrc(batch));
        Assert.Equal(At(1000, 1, epoch: 0), _harness.Log.FindMaxTimestamp());
    }

    [Theory]
    [InlineData(0, 900, 0)]
    [InlineData(1, 800, 2)]
    [InlineData(2, 800, 2)]
    [InlineData(3, 700, 3)]
    [InlineData(4, 600, 5)]
    [InlineData(5, 600, 5)]
    [InlineData(6, -1, -1)]
    public void Below_the_log_start_there_is_none(long logStart, long timestampMs, long offset)
    {
        foreach (int segmentBytes in new[] { 1, 1 << 20 })
        {
            using var harness = new LogHarness(new LogSettings { SegmentBytes = segmentBytes });
            harness.Open();
            harness.Append(0, Of(CompressionCodec.None, 900));
            harness.Append(1, Of(CompressionCodec.Gzip, 100, 800, 700));
            harness.Append(2, Of(CompressionCodec.None, 500, 600));
            harness.Log.AdvanceLogStart(logStart);
            int epoch = offset < 0 ? -1 : offset == 0 ? 0 : offset < 4 ? 1 : 2;
            Assert.Equal(At(timestampMs, offset, epoch), harness.Log.FindMaxTimestamp());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1 << 20)]
    public void A_header_that_lies_about_it_hides_nothing(int segmentBytes)
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = segmentBytes });
        harness.Open();
        byte[] liar = Of(CompressionCodec.Lz4, 100, 200);
        RecordBatchHeader.SetMaxTimestampAndType(liar, 99_999, TimestampType.CreateTime);
        harness.Append(0, Of(CompressionCodec.None, 300), Of(CompressionCodec.None, 50, 400, 400), WithCrc(liar), Of(CompressionCodec.None, 400));
        Assert.Equal(At(400, 2, epoch: 0), harness.Log.FindMaxTimestamp());
    }

    [Fact]
    public void An_empty_log_and_records_without_timestamps_have_none()
    {
        Assert.Equal(At(-1, -1, epoch: -1), _harness.Log.FindMaxTimestamp());
        _harness.Append(timestampMs: -1);
        Assert.Equal(At(-1, -1, epoch: -1), _harness.Log.FindMaxTimestamp());
    }

    private static TimestampSearch At(long timestampMs, long offset, int epoch) => new(ErrorCode.None, new TimestampOffset(timestampMs, offset), epoch);

    private static byte[] Of(CompressionCodec codec, params long[] timestampsMs)
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { Codec = codec });
        foreach (long timestampMs in timestampsMs)
            Assert.True(builder.TryAppend(timestampMs, default, keyIsNull: true, new byte[100], valueIsNull: false));
        return builder.Build().ToArray();
    }

    private static byte[] WithCrc(byte[] batch)
    {
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), RecordBatchHeader.ComputeCrc(batch));
        return batch;
    }
}
