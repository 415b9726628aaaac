using System.Diagnostics;

namespace OrleansLog.Bench;

/// <summary>Reads one partition from end to end by fetches of 1 MiB, against bare reads of as many bytes of one file.</summary>
internal static class ReadRow
{
    private const int ReadBytes = 1 << 20;
    private const long TotalBytes = 256L << 20;

    public static async Task<BenchRow> RunAsync(BrokerUnderTest broker, int pairs)
    {
        (double Ours, double Reference, double Ratio) figures = default;
        var bare = WriteBareFile();
        await broker.WithTopicAsync(1, "os", async topic =>
        {
            await FillAsync(broker.Transport, topic);
            figures = await Paired.RunAsync(pairs, () => FetchAllAsync(broker.Transport, topic), () => Task.FromResult(BareReads(bare)));
            return 0;
        });
        File.Delete(bare);
        return new BenchRow("sequential read through the log, 1 MiB fetches", "MB/s", figures.Ours, figures.Reference, figures.Ratio, "0.8",
            "bare read of 1 MiB at a time");
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
        var clock = Stopwatch.StartNew();
        while (true)
        {
            wanted[0] = new FetchPartition { Partition = new(topic, 0), FetchOffset = offset, MaxBytes = ReadBytes, CurrentLeaderEpoch = -1 };
            using var result = await transport.FetchAsync(new FetchRequest { Partitions = wanted, MaxWaitMs = 0, MaxBytes = ReadBytes }, default);
            var records = result.Partitions[0].Records;
            if (records.IsEmpty) break;
            bytes += records.Length;
            offset = LastOffset(records.Span) + 1;
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

    private static string WriteBareFile()
    {
        var path = Path.GetTempFileName();
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        var block = new byte[ReadBytes];
        for (var at = 0L; at < TotalBytes; at += block.Length) RandomAccess.Write(file, block, at);
        return path;
    }

    private static double BareReads(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read);
        var block = new byte[ReadBytes];
        var clock = Stopwatch.StartNew();
        var at = 0L;
        while (RandomAccess.Read(file, block, at) is var read && read > 0) at += read;
        return at / clock.Elapsed.TotalSeconds / 1e6;
    }
}
