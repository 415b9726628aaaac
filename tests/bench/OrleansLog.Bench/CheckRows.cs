using System.Diagnostics;
using System.Text;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Bench;

/// <summary>What a leader's check of a compressed batch costs (ADR 11): its frame alone, against its records opened and walked.</summary>
internal static class CheckRows
{
    private const int RecordsPerBatch = 5_000;

    public static async IAsyncEnumerable<BenchRow> RunAsync(int pairs)
    {
        foreach (var codec in new[] { CompressionCodec.Gzip, CompressionCodec.Snappy, CompressionCodec.Lz4, CompressionCodec.Zstd })
        {
            var batch = Make(codec, out var openedBytes);
            var (ours, reference, ratio) = await Paired.RunAsync(
                pairs, () => Task.FromResult(MicrosecondsEach(batch, open: false)), () => Task.FromResult(MicrosecondsEach(batch, open: true)));
            yield return new BenchRow(
                $"check a {codec} batch of {batch.Length / 1024} KiB, opened {openedBytes / 1024} KiB", "µs", ours, reference, ratio, "-",
                "the same, its records opened and walked");
        }
    }

    /// <summary>Records like the lines of an access log: they shrink to a third or less.</summary>
    private static byte[] Make(CompressionCodec codec, out int openedBytes)
    {
        var random = new Random(7);
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { CapacityBytes = 4 << 20, Codec = codec });
        openedBytes = 0;
        for (var i = 0; i < RecordsPerBatch; i++)
        {
            var line = $"{{\"order\":{random.Next()},\"customer\":\"c-{random.Next(10_000)}\",\"state\":\"shipped\",\"cents\":{random.Next(100_000)},\"city\":\"Vienna\"}}";
            builder.TryAppend(1_700_000_000_000 + i, default, keyIsNull: true, Encoding.UTF8.GetBytes(line), valueIsNull: false);
            openedBytes += line.Length;
        }

        return builder.Build().ToArray();
    }

    private static double MicrosecondsEach(byte[] batch, bool open)
    {
        var rules = new BatchRules { NowMs = 1_700_000_000_000, MaxBatchBytes = int.MaxValue, OpenCompressed = open };
        var clock = Stopwatch.StartNew();
        var count = 0;
        while (clock.ElapsedMilliseconds < 200)
        {
            if (!RecordBatchValidator.Validate(batch, rules).IsGood)
                throw new InvalidOperationException("a good batch was refused");
            count++;
        }

        return clock.Elapsed.TotalMicroseconds / count;
    }
}
