using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Log.Tests;

/// <summary>A log on a disk in memory, and batches to put into it.</summary>
internal sealed class LogHarness : IDisposable
{
    internal const string Directory = "/data/t-0";
    internal static readonly TopicPartitionName Name = new("t", 0);

    internal LogHarness(LogSettings? settings = null, MemoryDisk? disk = null, SegmentCache? cache = null)
    {
        Settings = settings ?? LogSettings.Default;
        Disk = disk ?? new MemoryDisk();
        Cache = cache ?? new SegmentCache();
        Disk.CreateDirectory("/data");
    }

    internal MemoryDisk Disk { get; private set; }

    internal SegmentCache Cache { get; private set; }

    internal LogSettings Settings { get; set; }

    internal long NowMs { get; set; } = 1_000_000;

    internal PartitionLog Log => _log ?? throw new InvalidOperationException("Open the log first.");

    private PartitionLog? _log;

    internal PartitionLog Open(LogOpenContext? context = null) =>
        _log = PartitionLog.Open(
            new LogEnvironment(Disk, Cache) { RecoveryReadBytes = 4096 }, Directory, Name, Settings,
            context ?? new LogOpenContext { WasCleanShutdown = true, NowMs = NowMs });

    /// <summary>Stops cleanly and opens again.</summary>
    internal PartitionLog Reopen(LogOpenContext? context = null)
    {
        Assert.Null(Log.Close(clean: true).Error);
        return Open(context ?? new LogOpenContext { WasCleanShutdown = true, NowMs = NowMs, HighWatermark = Log.LogEndOffset });
    }

    /// <summary>The process is gone; everything written is still there.</summary>
    internal PartitionLog KillAndOpen(LogOpenContext context)
    {
        _log = null;
        Disk = Disk.Kill();
        Cache = new SegmentCache();
        return Open(context);
    }

    /// <summary>The power went; what is left is what the seed says.</summary>
    internal PartitionLog CrashAndOpen(int seed, LogOpenContext context, bool reorders = false)
    {
        _log = null;
        Disk = Disk.Crash(seed, reorders);
        Cache = new SegmentCache();
        return Open(context);
    }

    internal AppendOutcome Append(int records = 1, int valueBytes = 50, long? timestampMs = null, int epoch = 0) =>
        Append(epoch, Batches.Make(records, valueBytes, timestampMs ?? NowMs));

    internal AppendOutcome Append(int epoch, params byte[][] batches)
    {
        Memory<byte>[] memories = [.. batches.Select(batch => batch.AsMemory())];
        return Log.Append(memories, epoch, NowMs, new long[batches.Length]);
    }

    /// <summary>All batches from an offset to the end, by as many reads as it takes.</summary>
    internal List<RecordBatchHeader> ReadAll(long from = -1, int maxBytes = 1 << 20)
    {
        var headers = new List<RecordBatchHeader>();
        long next = from < 0 ? Log.LogStartOffset : from;
        while (true)
        {
            using LogRead read = Log.Read(next, maxBytes, long.MaxValue, atLeastOneBatch: true);
            Assert.Equal(Protocol.ErrorCode.None, read.Error);
            if (read.Data.IsEmpty)
                return headers;
            headers.AddRange(Batches.Headers(read.Data));
            next = read.NextOffset;
        }
    }

    internal static string PathOf(long baseOffset, string suffix) => Path.Combine(Directory, SegmentFiles.Name(baseOffset, suffix));

    public void Dispose()
    {
        _log?.Dispose();
        Cache.Dispose();
    }

    /// <summary>Everything outside the damage is read, batch by batch; everything inside is refused by name.</summary>
    internal void AssertServedBut(long damagedFrom, long damagedTo, long end)
    {
        for (long offset = 0; offset < end; offset++)
        {
            using LogRead read = Log.Read(offset, int.MaxValue, long.MaxValue, atLeastOneBatch: true);
            if (offset >= damagedFrom && offset < damagedTo)
            {
                Assert.Equal(ErrorCode.CorruptMessage, read.Error);
                Assert.Equal((damagedFrom, damagedTo), (read.Damage!.FromOffset, read.Damage.ToOffset));
            }
            else
            {
                Assert.Equal((ErrorCode.None, offset), (read.Error, read.BaseOffset));
                Assert.All(Batches.Headers(read.Data), header => Assert.False(header.BaseOffset >= damagedFrom && header.BaseOffset < damagedTo));
            }
        }
    }
}
