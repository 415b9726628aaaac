using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace OrleansLog.Bench;

/// <summary>
/// Appends ready batches through the broker's data path (checks, queue, appender threads, segment files) against one thread
/// that writes the same bytes into as many bare files.
/// </summary>
internal static class AppendRows
{
    private const int Partitions = 8;
    private const int InFlightPerPartition = 4;

    public static async Task<BenchRow> RunAsync(BrokerUnderTest broker, int batchBytes, bool ack, int pairs)
    {
        var batch = Batches.Make(batchBytes);
        var totalBytes = ack ? 64L << 20 : 512L << 20;
        if (ack && batchBytes < 100_000) totalBytes = 16L << 20;
        var count = (int)(totalBytes / batch.Length);
        var groups = new List<int>();
        var (ours, reference, ratio) = await Paired.RunAsync(
            pairs,
            () => broker.WithTopicAsync(Partitions, ack ? "ack" : "os", topic => AppendAsync(broker.Transport, topic, batch, count)),
            () => Task.FromResult(BareWrites(batch, count, ack)));
        return new BenchRow(
            $"append {batchBytes / 1024} KiB batches, 8 partitions, CRC checked, `{(ack ? "ack" : "os")}`", "MB/s",
            ours, reference, ratio, "0.7", ack ? "bare write, fdatasync for each group of 4" : "bare write, one thread");
    }

    private static async Task<double> AppendAsync(ILogTransport transport, string topic, byte[] batch, int count)
    {
        var next = -1;
        async Task Loop(int partition)
        {
            // The broker writes offsets into the batch, so each request in flight has one of its own.
            var request = new ProduceRequest { Partition = new(topic, partition), Batch = batch.ToArray(), Acks = Acks.Leader };
            while (Interlocked.Increment(ref next) < count)
            {
                var result = await transport.ProduceAsync(request, default);
                if (result.Error != Protocol.ErrorCode.None) throw new InvalidOperationException($"{result.Error}: {result.Message}");
            }
        }

        for (var i = 0; i < Partitions; i++)
        {
            await transport.ProduceAsync(
                new ProduceRequest { Partition = new(topic, i), Batch = batch.ToArray(), Acks = Acks.Leader }, default);
        }

        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Partitions * InFlightPerPartition).Select(i => Task.Run(() => Loop(i % Partitions))));
        return (double)batch.Length * count / clock.Elapsed.TotalSeconds / 1e6;
    }

    private static double BareWrites(byte[] batch, int count, bool sync)
    {
        var directory = Directory.CreateTempSubdirectory("olog-bare-");
        var files = new SafeFileHandle[Partitions];
        var lengths = new long[Partitions];
        for (var i = 0; i < Partitions; i++)
            files[i] = File.OpenHandle(Path.Combine(directory.FullName, $"{i}.log"), FileMode.CreateNew, FileAccess.ReadWrite);

        var clock = Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
        {
            // With fdatasync: as many batches to one file, then the sync, as one group of ours has.
            var file = sync ? i / InFlightPerPartition % Partitions : i % Partitions;
            RandomAccess.Write(files[file], batch, lengths[file]);
            lengths[file] += batch.Length;
            if (sync && i % InFlightPerPartition == InFlightPerPartition - 1 && Libc.Fdatasync(files[file]) != 0)
                throw new IOException("fdatasync failed");
        }

        var seconds = clock.Elapsed.TotalSeconds;
        foreach (var file in files) file.Dispose();
        directory.Delete(recursive: true);
        return (double)batch.Length * count / seconds / 1e6;
    }
}
