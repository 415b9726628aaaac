using OrleansLog.Protocol;
using OrleansLog.TestKit;

namespace OrleansLog.Log.Tests;

/// <summary>The log on real files: what a disk in memory could hide.</summary>
public class RealFileTests
{
    private static readonly TopicPartitionName Name = new("segments", 0);

    [Fact]
    public void A_references_directory_opens_grows_and_opens_again()
    {
        using var directory = new TempDirectory();
        Golden.CopyFolder(Golden.PathOf("logs", "torn", "segments-0"), directory.Path);
        foreach (string file in System.IO.Directory.GetFiles(directory.Path))
            File.SetAttributes(file, FileAttributes.Normal);
        var context = new LogOpenContext { HighWatermark = 1000, RecoveryPoint = 1000 };
        long end;
        using (PartitionLog log = Open(directory, context))
        {
            end = log.LogEndOffset;
            Assert.True(log.RecoveryReport.BytesCut > 0);
            Assert.Equal(AppendStatus.Appended, log.Append([Batches.Make(3, 100, 1), Batches.Make(3, 100, 1)], 3, 1, new long[2]).Status);
            log.Roll(1);
            Assert.Null(log.Close(clean: true).Error);
        }

        using PartitionLog again = Open(directory, context with { WasCleanShutdown = true });
        Assert.Equal(end + 6, again.LogEndOffset);
        using LogRead read = again.Read(end, 10_000, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal((ErrorCode.None, end, end + 6), (read.Error, read.BaseOffset, read.NextOffset));
    }

    [Fact]
    public void Appending_and_sequential_reading_allocate_nothing_per_batch()
    {
        using var directory = new TempDirectory();
        using PartitionLog log = Open(directory, new LogOpenContext { WasCleanShutdown = true });
        Memory<byte>[] batches = [Batches.Make(1, 1000, 1)];
        long[] offsets = new long[1];
        bool isRight = true;
        void AppendAndRead(int times)
        {
            for (int i = 0; i < times; i++)
            {
                log.Append(batches, 0, 1, offsets);
                using LogRead read = log.Read(offsets[0], 10_000, long.MaxValue, atLeastOneBatch: true);
                isRight &= read.NextOffset == offsets[0] + 1;
            }
        }

        AppendAndRead(200);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AppendAndRead(1000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(isRight);
        // The indexes grow, in pooled arrays; nothing else may.
        Assert.InRange(allocated, 0, 64 * 1024);
    }

    private static PartitionLog Open(TempDirectory directory, LogOpenContext context) =>
        PartitionLog.Open(new LogEnvironment(new FileDisk(), new SegmentCache()), directory.Path, Name, LogSettings.Default, context);
}
