using System.Buffers.Binary;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Log.Tests;

/// <summary>Uncompressed record batches, written by hand so that these tests stand on nothing but the format.</summary>
internal static class Batches
{
    /// <summary>The size of a record's value in <see cref="FileOf"/>.</summary>
    internal const int FileValueBytes = 40;

    internal static byte[] Make(int records, int valueBytes, long timestampMs, byte fill = 7) =>
        Make(valueBytes, fill, [.. Enumerable.Repeat(timestampMs, records)]);

    /// <summary>A batch with a record for each timestamp, all with values of the same size and no key.</summary>
    internal static byte[] Make(int valueBytes, byte fill, params long[] timestampsMs)
    {
        var body = new List<byte>();
        for (int i = 0; i < timestampsMs.Length; i++)
        {
            var record = new List<byte> { 0 };
            Varint(record, timestampsMs[i] - timestampsMs[0]);
            Varint(record, i);
            Varint(record, -1);
            Varint(record, valueBytes);
            record.AddRange(Enumerable.Repeat(fill, valueBytes));
            Varint(record, 0);
            Varint(body, record.Count);
            body.AddRange(record);
        }

        byte[] batch = new byte[RecordBatchHeader.Size + body.Count];
        var header = new RecordBatchHeader
        {
            BatchLength = batch.Length - RecordBatchHeader.LogOverhead,
            Magic = 2,
            LastOffsetDelta = timestampsMs.Length - 1,
            BaseTimestamp = timestampsMs[0],
            MaxTimestamp = timestampsMs.Max(),
            ProducerId = -1,
            ProducerEpoch = -1,
            BaseSequence = -1,
            RecordCount = timestampsMs.Length,
        };
        header.Write(batch);
        body.CopyTo(batch, RecordBatchHeader.Size);
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), RecordBatchHeader.ComputeCrc(batch));
        return batch;
    }

    /// <summary>A batch of an idempotent producer.</summary>
    internal static byte[] From(long producerId, short epoch, int sequence, int records = 1, long timestampMs = 1000, bool isTransactional = false)
    {
        byte[] batch = Make(records, 10, timestampMs);
        Assert.True(RecordBatchHeader.TryRead(batch, out RecordBatchHeader header));
        (header with
        {
            ProducerId = producerId,
            ProducerEpoch = epoch,
            BaseSequence = sequence,
            Attributes = isTransactional ? (short)0x10 : (short)0,
        }).Write(batch);
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), RecordBatchHeader.ComputeCrc(batch));
        return batch;
    }

    /// <summary>The same at an offset and epoch, as it comes from a leader.</summary>
    internal static byte[] At(long offset, int epoch, byte[] batch)
    {
        RecordBatchHeader.SetBaseOffset(batch, offset);
        RecordBatchHeader.SetPartitionLeaderEpoch(batch, epoch);
        return batch;
    }

    /// <summary>The headers of a run of whole batches, each with a good CRC.</summary>
    internal static List<RecordBatchHeader> Headers(ReadOnlyMemory<byte> data)
    {
        var headers = new List<RecordBatchHeader>();
        while (!data.IsEmpty)
        {
            Assert.True(RecordBatchHeader.TryRead(data.Span, out RecordBatchHeader header));
            Assert.Equal(header.Crc, RecordBatchHeader.ComputeCrc(data.Span[..(int)header.SizeInBytes]));
            headers.Add(header);
            data = data[(int)header.SizeInBytes..];
        }

        return headers;
    }

    private static void Varint(List<byte> to, long value)
    {
        ulong zigzag = (ulong)((value << 1) ^ (value >> 63));
        for (; zigzag >= 0x80; zigzag >>= 7)
            to.Add((byte)(zigzag | 0x80));
        to.Add((byte)zigzag);
    }

    /// <summary>A segment file with one-record batches at offsets from 0 on.</summary>
    internal static byte[] FileOf(int batches, out int[] ends)
    {
        var bytes = new List<byte>();
        ends = new int[batches];
        for (int i = 0; i < batches; i++)
        {
            bytes.AddRange(At(i, 0, Make(1, FileValueBytes, 1000 + i, (byte)i)));
            ends[i] = bytes.Count;
        }

        return [.. bytes];
    }

    /// <summary>
    /// Such files, in each of which a bit of another byte of one batch has flipped; not in the leader epoch, which is outside the CRC and says nothing that could be checked.
    /// </summary>
    /// <param name="batches">How many batches each file has.</param>
    /// <param name="flippedOne">Number of the batch, from 1.</param>
    /// <param name="bit">The bit, as a mask.</param>
    internal static IEnumerable<byte[]> FlippedFilesOf(int batches, int flippedOne, byte bit)
    {
        byte[] whole = FileOf(batches, out int[] ends);
        int begin = ends[flippedOne - 1];
        for (int at = begin; at < ends[flippedOne]; at++)
        {
            if (at - begin is >= 12 and < 16)
                continue;

            byte[] flipped = [.. whole];
            flipped[at] ^= bit;
            yield return flipped;
        }
    }
}
