using System.Diagnostics;

namespace OrleansLog.Bench;

/// <summary>Reads one partition from end to end by fetches of 1 MiB, against bare reads of its segment file.</summary>
internal static class ReadRow
{
    private const int ReadBytes = 1 << 20;
    private const long TotalBytes = 256L << 20;
    private const int Passes = 8;

    public static async Task<BenchRow> RunAsync(BrokerUnderTest broker, int pairs)
    {
        (double Ours, double Reference, double Ratio) figures = default;
        await broker.WithTopicAsync(1, "os", async topic =>
        {
            await FillAsync(broker.Transport, topic);
            var segment = broker.FirstSegment(topic, partition: 0);
            figures = await Paired.RunAsync(pairs, () => FetchAllAsync(broker.Transport, topic), () => Task.FromResult(BareReads(segment)));
            return 0;
        });
        return new BenchRow("sequential read through the log, 1 MiB fetches", "MB/s", figures.Ours, figures.Reference, figures.Ratio, "0.8",
            "bare read of the same segment file, 1 MiB at a time");
    }

    private static async Task FillAsync(ILogTransport transport, string topic)
    {
        var batch = Batches.Make(128 * 1024);
        for (var written = 0L; written < TotalBytes; written += batch.Length)
            await transport.ProduceAsync(new ProduceRequest { Partition = new(topic, 0), Batch = batch, Acks = Acks.Leader }, default);
    }

    private static async Task<double> FetchAllAsync(ILogTransport transport, string topic)
    {
        var wanted = new FetchPartition[1];
        var offset = 0L;
        var bytes = 0L;
        var pass = 0;
        var clock = Stopwatch.StartNew();
        while (pass < Passes)
        {
            wanted[0] = new FetchPartition { Partition = new(topic, 0), FetchOffset = offset, MaxBytes = ReadBytes, CurrentLeaderEpoch = -1 };
            using var result = await transport.FetchAsync(new FetchRequest { Partitions = wanted, MaxWaitMs = 0, MaxBytes = ReadBytes }, default);
            var records = result.Partitions[0].Records;
            bytes += records.Length;
            offset = LastOffset(records.Span) + 1;
            if (records.IsEmpty) pass++;
        }

        return bytes / clock.Elapsed.TotalSeconds / 1e6;
    }

    private static long LastOffset(ReadOnlySpan<byte> records)
    {
        var last = -1L;
        while (Protocol.Records.RecordBatchHeader.TryRead(records, out var header))
        {
            last = header.LastOffset;
            records = records[(int)header.SizeInBytes..];
        }

        return last;
    }

    private static double BareReads(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read);
        var block = new byte[ReadBytes];
        var clock = Stopwatch.StartNew();
        var bytes = 0L;
        for (var pass = 0; pass < Passes; pass++)
        {
            var at = 0L;
            while (RandomAccess.Read(file, block, at) is var read && read > 0) at += read;
            bytes += at;
        }

        return bytes / clock.Elapsed.TotalSeconds / 1e6;
    }
}
