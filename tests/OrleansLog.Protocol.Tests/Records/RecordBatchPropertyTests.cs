using CsCheck;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Protocol.Tests.Records;

public class RecordBatchPropertyTests
{
    private const int MaxDecompressedBytes = 4 * 1024 * 1024;

    [Fact]
    public void Any_records_come_back_through_any_codec() =>
        Gen.Select(TestRecord.Batch, TestRecord.AnyCodec).Sample(
            (records, codec) => TestRecord.AssertReads(records, TestRecord.Encode(records, codec)), iter: 400);

    [Fact]
    public void Any_level_is_read_like_any_other()
    {
        (CompressionCodec Codec, int Level)[] levels =
            [(CompressionCodec.Gzip, 1), (CompressionCodec.Gzip, 9), (CompressionCodec.Lz4, 1), (CompressionCodec.Lz4, 9),
             (CompressionCodec.Lz4, 17), (CompressionCodec.Zstd, -5), (CompressionCodec.Zstd, 1), (CompressionCodec.Zstd, 12)];
        Gen.Select(TestRecord.Batch, Gen.Int[0, levels.Length - 1].Select(i => levels[i])).Sample(
            (records, choice) => TestRecord.AssertReads(records, TestRecord.Encode(records, choice.Codec, choice.Level)), iter: 100);
    }

    [Fact]
    public void A_value_written_straight_into_the_batch_gives_the_same_bytes_as_one_that_is_copied() =>
        Gen.Select(TestRecord.Batch, Gen.Int[1, 400]).Sample((records, chunkBytes) =>
        {
            using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { CapacityBytes = 8 * 1024 * 1024 });
            foreach (TestRecord record in records) Assert.True(WriteStraight(builder, record, chunkBytes));
            Assert.Equal(TestRecord.Encode(records), builder.Build().ToArray());
        }, iter: 200);

    [Fact]
    public void A_record_that_did_not_fit_moves_into_the_next_batch_unchanged() =>
        Gen.Select(TestRecord.Any.Array[2, 30], Gen.Int[256, 2_000]).Sample((records, capacityBytes) =>
        {
            var options = new RecordBatchBuilderOptions { CapacityBytes = capacityBytes };
            List<byte[]> batches = [];
            var builder = new RecordBatchBuilder(options);
            foreach (TestRecord record in records)
            {
                if (WriteStraight(builder, record, chunkBytes: 64)) continue;
                var next = new RecordBatchBuilder(options);
                Assert.True(builder.MovePendingTo(next));
                batches.Add(builder.Build().ToArray());
                builder.Dispose();
                builder = next;
            }

            batches.Add(builder.Build().ToArray());
            builder.Dispose();
            AssertReadsInTurn(records, batches);
        }, iter: 200);

    // Every single byte of the batch is covered: by the CRC, or by the checks of what lies in front of it.
    [Fact]
    public void A_changed_byte_is_found_or_lies_outside_the_checksum() =>
        Gen.Select(TestRecord.Batch, TestRecord.AnyCodec, Gen.Int[0, int.MaxValue], Gen.Byte[1, 255]).Sample(
            (records, codec, where, flip) =>
            {
                byte[] batch = TestRecord.Encode(records, codec);
                int at = where % batch.Length;
                batch[at] ^= flip;
                using BatchRecords? opened = BatchRecords.Open(batch, MaxDecompressedBytes, out ErrorCode error);
                bool isOutsideCrc = at < 8 || at is >= 12 and < 16;
                Assert.Equal(isOutsideCrc, error == ErrorCode.None);
            },
            iter: 500);

    // With the checksum made good again, the parsers have to cope alone: an answer, never an exception, never a big array.
    [Fact]
    public void Changed_bytes_with_a_good_checksum_get_an_answer() =>
        Gen.Select(TestRecord.Batch, TestRecord.AnyCodec, Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte).Array[1, 8]).Sample(
            (records, codec, changes) =>
            {
                byte[] batch = TestRecord.Encode(records, codec);
                foreach ((int where, byte with) in changes) batch[where % batch.Length] = with;
                WithGoodCrc(batch);

                long before = GC.GetAllocatedBytesForCurrentThread();
                using BatchRecords? opened = BatchRecords.Open(batch, MaxDecompressedBytes, out ErrorCode error);
                Assert.Equal(opened is null, error != ErrorCode.None);
                Assert.True(opened is null || opened.DecompressedBytes <= Math.Max(MaxDecompressedBytes, batch.Length));
                int seen = 0;
                if (opened is not null)
                {
                    foreach (ref readonly Record record in opened) seen += record.Headers.ToArray().Length >= 0 ? 1 : 0;
                    Assert.Equal(opened.Count, seen);
                }

                BatchRules rules = new() { OpenCompressed = true, MaxDecompressedBytes = MaxDecompressedBytes };
                _ = RecordBatchValidator.Validate(batch, rules);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 6L * MaxDecompressedBytes);
            },
            iter: 1_000);

    [Fact]
    public void Any_bytes_at_all_get_an_answer() =>
        Gen.Select(Gen.Byte.Array[0, 400], TestRecord.AnyCodec).Sample(
            (payload, codec) =>
            {
                byte[] batch = [.. TestRecord.Encode(TestRecord.Some(3)).AsSpan(0, RecordBatchHeader.Size), .. payload];
                batch[22] = (byte)codec;
                BitConverter.TryWriteBytes(batch.AsSpan(8), System.Net.IPAddress.HostToNetworkOrder(batch.Length - 12));
                WithGoodCrc(batch);
                using BatchRecords? opened = BatchRecords.Open(batch, MaxDecompressedBytes, out ErrorCode error);
                Assert.Equal(opened is null, error != ErrorCode.None);
            },
            iter: 1_000);

    private static void WithGoodCrc(byte[] batch) =>
        BitConverter.TryWriteBytes(
            batch.AsSpan(17), System.Net.IPAddress.HostToNetworkOrder((int)RecordBatchHeader.ComputeCrc(batch)));

    private static bool WriteStraight(RecordBatchBuilder builder, TestRecord record, int chunkBytes)
    {
        builder.BeginRecord(record.TimestampMs, record.Key, record.Key is null);
        ReadOnlySpan<byte> rest = record.Value;
        while (rest.Length > 0)
        {
            ReadOnlySpan<byte> chunk = rest[..Math.Min(chunkBytes, rest.Length)];
            chunk.CopyTo(builder.GetSpan(chunk.Length));
            builder.Advance(chunk.Length);
            rest = rest[chunk.Length..];
        }

        return builder.EndRecord(record.Value is null, record.Headers);
    }

    private static void AssertReadsInTurn(TestRecord[] records, List<byte[]> batches)
    {
        int from = 0;
        foreach (byte[] batch in batches)
        {
            _ = RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
            TestRecord.AssertReads(records[from..(from + header.RecordCount)], batch);
            from += header.RecordCount;
        }

        Assert.Equal(records.Length, from);
    }
}
