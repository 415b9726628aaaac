using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;
using Record = OrleansLog.Protocol.Records.Record;

namespace OrleansLog.Log.Tests;

/// <summary>One partition of the golden directories, copied to a disk in memory and opened with that directory's checkpoints.</summary>
internal sealed class GoldenLog : IDisposable
{
    private const int MaxDecompressedBytes = 16 * 1024 * 1024;
    private readonly SegmentCache _cache = new();
    private readonly LogSettings _settings;

    internal GoldenLog(
        string state, string partition, LogSettings? settings = null, MemoryDisk? disk = null,
        Action<IEnumerable<string>>? damage = null, long? recoveryPoint = null)
    {
        Assert.True(TopicPartitionName.TryParse(partition, out TopicPartitionName name));
        Name = name;
        Disk = disk ?? new MemoryDisk();
        Directory = Path.Combine("/data", partition);
        _settings = settings ?? new LogSettings
        {
            IsCompacted = name.Topic.StartsWith("compacted", StringComparison.Ordinal) || name.Topic.StartsWith("__", StringComparison.Ordinal),
        };
        Load(Disk, Golden.PathOf("logs", state), "/data");
        damage?.Invoke(Disk.Files(Directory));
        using LogDirectory directory = LogDirectory.Open(Disk, "/data", new LogDirectoryIdentity(1, null, Uuid.Zero, "boot"));
        Context = new LogOpenContext
        {
            WasCleanShutdown = directory.WasCleanShutdown,
            MayHaveLostUnsynced = directory.MayHaveLostUnsynced,
            RecoveryPoint = recoveryPoint ?? directory.RecoveryPoints.Read().GetValueOrDefault(name),
            LogStartOffset = directory.LogStartOffsets.Read().GetValueOrDefault(name),
            HighWatermark = directory.HighWatermarks.Read().GetValueOrDefault(name),
        };
        Log = Open(Context);
    }

    internal TopicPartitionName Name { get; }

    internal MemoryDisk Disk { get; }

    internal string Directory { get; }

    internal LogOpenContext Context { get; }

    internal PartitionLog Log { get; private set; }

    internal static void Load(MemoryDisk disk, string from, string to)
    {
        foreach (string file in System.IO.Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string path = Path.Combine(to, Path.GetRelativePath(from, file));
            disk.CreateDirectory(Path.GetDirectoryName(path)!);
            disk.WriteAll(path, File.ReadAllBytes(file));
        }
    }

    internal void Reopen(LogOpenContext context) => Log = Open(context);

    /// <summary>The records from the log start to the end.</summary>
    internal List<(long Offset, long TimestampMs, byte[]? Key, byte[]? Value)> Read(bool withControl = false)
    {
        var found = new List<(long, long, byte[]?, byte[]?)>();
        for (long next = Log.LogStartOffset; next < Log.LogEndOffset;)
        {
            using LogRead read = Log.Read(next, 5000, long.MaxValue, atLeastOneBatch: true);
            Assert.Equal(ErrorCode.None, read.Error);
            Assert.False(read.Data.IsEmpty);
            ReadOnlyMemory<byte> rest = read.Data;
            while (RecordBatches.TryTakeNext(ref rest, out ReadOnlyMemory<byte> batch, out _))
            {
                using BatchRecords? records = BatchRecords.Open(batch, MaxDecompressedBytes, out ErrorCode error);
                Assert.True(records is not null, $"{error}");
                foreach (ref readonly Record record in records)
                {
                    if (record.Offset >= Log.LogStartOffset && (withControl || !records.Header.IsControl))
                        found.Add((record.Offset, record.TimestampMs, record.IsKeyNull ? null : record.Key.ToArray(), record.IsValueNull ? null : record.Value.ToArray()));
                }
            }

            next = read.NextOffset;
        }

        return found;
    }

    /// <summary>Where each offset and each timestamp is found.</summary>
    internal List<(long, TimestampOffset)> LookUps()
    {
        var found = new List<(long, TimestampOffset)>();
        for (long offset = Log.LogStartOffset; offset < Log.LogEndOffset; offset++)
        {
            using LogRead read = Log.Read(offset, 1, long.MaxValue, atLeastOneBatch: true);
            Assert.Equal(ErrorCode.None, read.Error);
            found.Add((read.BaseOffset, Log.OffsetForTimestamp(Log.MaxTimestamp.TimestampMs - (Log.LogEndOffset - offset)).Found));
        }

        return found;
    }

    public void Dispose()
    {
        Log.Dispose();
        _cache.Dispose();
    }

    private PartitionLog Open(LogOpenContext context) =>
        PartitionLog.Open(new LogEnvironment(Disk, _cache), Directory, Name, _settings, context);
}
