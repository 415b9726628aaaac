using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.Extensions.DependencyInjection;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Client.Tests;

/// <summary>A batch of less than a mebibyte that becomes gigabytes, which a broker stores as it is: the consumer that meets it (fault 16).</summary>
[Collection(nameof(Alone))]
public sealed class DecompressionBombTests
{
    private const long DefaultBound = 256L << 20;

    private static readonly TimeSpan Patience = Eventually.Hang;

    [Theory]
    [InlineData(CompressionCodec.Zstd, 4 << 20)]
    [InlineData(CompressionCodec.Gzip, 4 << 20)]
    [InlineData(CompressionCodec.Zstd, DefaultBound)]
    public async Task A_consumer_is_told_of_a_bomb_at_the_bound_and_goes_on_behind_it(CompressionCodec codec, long boundBytes)
    {
        using var data = new TempDirectory("bomb");
        await using var silo = await TestSilo.StartAsync(data.Path);
        await using var log = await LogClient.ConnectAsync(silo.Address);
        await log.Admin.CreateTopicAsync("bombs", 1, 1);
        await using (var producer = log.CreateProducer<Unit, string>())
        {
            await producer.ProduceAsync("bombs", default, "before");
            var stored = await silo.Services.GetRequiredService<ILogTransport>().ProduceAsync(
                new ProduceRequest { Partition = new("bombs", 0), Batch = Batch(codec, codec == CompressionCodec.Zstd ? ZstdBomb() : GzipBomb()) }, default);
            Assert.Equal((ErrorCode.None, 1L), (stored.Error, stored.BaseOffset));
            await producer.ProduceAsync("bombs", default, "behind");
        }

        await using var consumer = log.CreateConsumer<Unit, string>(
            boundBytes == DefaultBound ? new ConsumerOptions() : new ConsumerOptions { MaxDecompressedBatchBytes = boundBytes });
        await consumer.AssignTopicAsync("bombs", StartAt.Beginning);
        Assert.Equal("before", await ReadOneAsync(consumer));

        var before = GC.GetTotalAllocatedBytes();
        var error = await Assert.ThrowsAsync<CorruptRecordException>(() => ReadOneAsync(consumer));
        Assert.Equal((ErrorCode.MessageTooLarge, 1L), (error.Code, error.Offset));
        Assert.Contains($"{nameof(ConsumerOptions.MaxDecompressedBatchBytes)}, which is {boundBytes}", error.Message, StringComparison.Ordinal);

        // The buffer doubles up to the bound: all of them together are less than four times the last.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, (4 * boundBytes) + (16 << 20));

        consumer.Seek(new TopicPartition("bombs", 0), StartAt.Offset(error.Offset + 1));
        Assert.Equal("behind", await ReadOneAsync(consumer));
    }

    private static async Task<string> ReadOneAsync(ILogConsumer<Unit, string> consumer)
    {
        using var limit = new CancellationTokenSource(Patience);
        await foreach (var record in consumer.ReadAllAsync(limit.Token))
            return record.Value;

        throw new InvalidOperationException("reading ended");
    }

    /// <summary>3 GiB of zeros in 96 KiB: a frame without its size, of blocks that say a byte and how often (RFC 8878, 3.1.1.2.2).</summary>
    private static byte[] ZstdBomb()
    {
        const int BlockBytes = 128 * 1024;
        const int Blocks = 3 << 13;
        const int Repeated = 1;
        byte[] header = [0x28, 0xB5, 0x2F, 0xFD, 0, 0x38];
        var frame = new byte[header.Length + (4 * Blocks)];
        header.CopyTo(frame, 0);
        for (var i = 0; i < Blocks; i++)
            BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(header.Length + (4 * i)), (BlockBytes << 3) | (Repeated << 1) | (i == Blocks - 1 ? 1 : 0));

        return frame;
    }

    /// <summary>Almost 1 GiB of zeros: as many members of 32 MiB, one behind the other, as a batch may hold (RFC 1952, 2.2).</summary>
    private static byte[] GzipBomb()
    {
        using var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(new byte[32 << 20]);

        return [.. Enumerable.Repeat(member.ToArray(), 1_000_000 / (int)member.Length).SelectMany(static bytes => bytes)];
    }

    private static byte[] Batch(CompressionCodec codec, byte[] payload)
    {
        var batch = new byte[RecordBatchHeader.Size + payload.Length];
        payload.CopyTo(batch, RecordBatchHeader.Size);
        var header = new RecordBatchHeader
        {
            BatchLength = batch.Length - RecordBatchHeader.LogOverhead,
            Magic = 2,
            Attributes = (short)codec,
            BaseTimestamp = 1_700_000_000_000,
            MaxTimestamp = 1_700_000_000_000,
            ProducerId = RecordBatchHeader.None,
            ProducerEpoch = RecordBatchHeader.None,
            BaseSequence = RecordBatchHeader.None,
            RecordCount = 1,
        };
        header.Write(batch);
        (header with { Crc = RecordBatchHeader.ComputeCrc(batch) }).Write(batch);
        return batch;
    }
}
