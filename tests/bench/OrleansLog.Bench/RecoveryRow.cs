using System.Diagnostics;
using OrleansLog.Grains.Disk;
using OrleansLog.Log;

namespace OrleansLog.Bench;

/// <summary>Opens one partition of 1 GiB as after a power loss, with every byte to be checked, against reading 1 GiB.</summary>
internal static class RecoveryRow
{
    private const long TotalBytes = 1L << 30;

    public static async Task<BenchRow> RunAsync(int pairs)
    {
        var root = Directory.CreateTempSubdirectory("olog-recovery-");
        var partition = Path.Combine(root.FullName, "big-0");
        Directory.CreateDirectory(partition);
        var disk = FileSystemDisk.Create();
        Fill(disk, partition);
        var log = Path.Combine(partition, "00000000000000000000.log");
        var (ours, reference, ratio) = await Paired.RunAsync(
            pairs, () => Task.FromResult(Recover(disk, partition)), () => Task.FromResult(Read(log)));
        root.Delete(recursive: true);
        return new BenchRow("recovery of 1 GiB in one partition after an unclean stop", "MB/s", ours, reference, ratio, "0.5",
            "bare read of the same file");
    }

    private static PartitionLog Open(IDisk disk, string partition) => PartitionLog.Open(
        new LogEnvironment(disk, new SegmentCache(16)), partition, new TopicPartitionName("big", 0),
        LogSettings.Default with { SegmentBytes = int.MaxValue },
        new LogOpenContext { MayHaveLostUnsynced = true, NowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() });

    private static void Fill(IDisk disk, string partition)
    {
        using var log = Open(disk, partition);
        var batch = Batches.Make(128 * 1024).AsMemory();
        Span<long> offsets = stackalloc long[1];
        for (var written = 0L; written < TotalBytes; written += batch.Length)
            log.Append([batch], leaderEpoch: 0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), offsets);
    }

    private static double Recover(IDisk disk, string partition)
    {
        var clock = Stopwatch.StartNew();
        using var log = Open(disk, partition);
        var seconds = clock.Elapsed.TotalSeconds;
        return log.RecoveryReport.BytesScanned >= TotalBytes
            ? log.RecoveryReport.BytesScanned / seconds / 1e6
            : throw new InvalidOperationException($"only {log.RecoveryReport.BytesScanned} bytes were scanned");
    }

    private static double Read(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read);
        var block = new byte[1 << 20];
        var clock = Stopwatch.StartNew();
        var at = 0L;
        while (RandomAccess.Read(file, block, at) is var read && read > 0) at += read;
        return at / clock.Elapsed.TotalSeconds / 1e6;
    }
}
