using OrleansLog.Protocol;
using OrleansLog.TestKit;

namespace OrleansLog.Log.Tests;

public class AppendAndReadTests
{
    [Fact]
    public void A_new_log_begins_and_ends_at_zero_and_has_its_three_files()
    {
        using var harness = new LogHarness();
        PartitionLog log = harness.Open();
        Assert.Equal((0, 0, 0), (log.LogStartOffset, log.LogEndOffset, log.DurableEndOffset));
        Assert.Equal(["00000000000000000000.index", "00000000000000000000.log", "00000000000000000000.timeindex"],
            harness.Disk.Files(LogHarness.Directory).Select(Path.GetFileName));
        Assert.Empty(harness.ReadAll());
    }

    [Fact]
    public void Appending_gives_out_offsets_and_epochs_and_reading_returns_the_same_bytes()
    {
        using var harness = new LogHarness();
        harness.Open();
        byte[] first = Batches.Make(3, 10, 5000);
        byte[] second = Batches.Make(2, 20, 6000);
        long[] offsets = new long[2];
        AppendOutcome outcome = harness.Log.Append([first, second], leaderEpoch: 4, nowMs: 7000, offsets);

        Assert.Equal((AppendStatus.Appended, 0L, 5L, (long)first.Length + second.Length), (outcome.Status, outcome.FirstOffset, outcome.LogEndOffset, outcome.Bytes));
        Assert.Equal([0, 3], offsets);
        using LogRead read = harness.Log.Read(0, 1000, long.MaxValue, atLeastOneBatch: false);
        Assert.Equal([.. first, .. second], read.Data.ToArray());
        Assert.Equal((0, 5), (read.BaseOffset, read.NextOffset));
        Assert.Equal([4, 4], Batches.Headers(read.Data).Select(header => header.PartitionLeaderEpoch));
        Assert.Equal([new LeaderEpochEntry(4, 0)], harness.Log.LeaderEpochs.Entries);
    }

    [Fact]
    public void One_append_of_several_batches_is_one_write()
    {
        using var harness = new LogHarness();
        harness.Open();
        var log = new CountingDisk(harness.Disk);
        using PartitionLog counted = PartitionLog.Open(
            new LogEnvironment(log, harness.Cache), "/data/u-0", new TopicPartitionName("u", 0), LogSettings.Default, new LogOpenContext { WasCleanShutdown = true });
        counted.Append([Batches.Make(1, 10, 1), Batches.Make(1, 10, 1), Batches.Make(1, 10, 1)], 0, 0, new long[3]);
        Assert.Equal(1, log.LogWrites);
    }

    [Fact]
    public void A_read_stops_in_front_of_the_upper_bound_and_of_max_bytes()
    {
        using var harness = new LogHarness();
        harness.Open();
        for (int i = 0; i < 5; i++)
            harness.Append(records: 2);
        int size = Batches.Make(2, 50, harness.NowMs).Length;
        using (LogRead read = harness.Log.Read(0, int.MaxValue, upperBoundOffset: 6, atLeastOneBatch: true))
            Assert.Equal(6, read.NextOffset);
        using (LogRead read = harness.Log.Read(0, int.MaxValue, upperBoundOffset: 7, atLeastOneBatch: true))
            Assert.Equal(6, read.NextOffset);
        using (LogRead read = harness.Log.Read(2, (2 * size) + 1, long.MaxValue, atLeastOneBatch: false))
            Assert.Equal((2, 6), (read.BaseOffset, read.NextOffset));
        using (LogRead read = harness.Log.Read(4, size - 1, long.MaxValue, atLeastOneBatch: false))
            Assert.Equal((0, 4), (read.Data.Length, read.NextOffset));
        using (LogRead read = harness.Log.Read(4, 1, long.MaxValue, atLeastOneBatch: true))
            Assert.Equal((size, 6), (read.Data.Length, read.NextOffset));
        using (LogRead read = harness.Log.Read(6, 1000, upperBoundOffset: 6, atLeastOneBatch: true))
            Assert.True(read.Data.IsEmpty);
    }

    [Fact]
    public void An_offset_inside_a_batch_returns_the_batch_that_holds_it()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Append(records: 10);
        harness.Append(records: 10);
        using LogRead read = harness.Log.Read(13, 10_000, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal((10, 20), (read.BaseOffset, read.NextOffset));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(21)]
    public void An_offset_outside_the_log_is_out_of_range(long offset)
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Append(records: 20);
        using LogRead read = harness.Log.Read(offset, 1000, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal(ErrorCode.OffsetOutOfRange, read.Error);
        using LogRead atEnd = harness.Log.Read(20, 1000, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal((ErrorCode.None, 20), (atEnd.Error, atEnd.NextOffset));
    }

    [Fact]
    public void A_follower_keeps_the_offsets_and_epochs_it_was_given_and_refuses_to_go_back()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Log.AppendReplicated([Batches.At(0, 2, Batches.Make(2, 10, 1)), Batches.At(7, 3, Batches.Make(1, 10, 1))], nowMs: 1);
        Assert.Equal(8, harness.Log.LogEndOffset);
        Assert.Equal([new LeaderEpochEntry(2, 0), new LeaderEpochEntry(3, 7)], harness.Log.LeaderEpochs.Entries);
        Assert.Throws<ArgumentException>(() => { harness.Log.AppendReplicated([Batches.At(7, 3, Batches.Make(1, 10, 1))], 1); });
        using LogRead read = harness.Log.Read(3, 1000, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal(7, read.BaseOffset);
    }

    [Fact]
    public void Bytes_that_are_not_one_whole_batch_are_a_bug_of_the_caller()
    {
        using var harness = new LogHarness();
        harness.Open();
        byte[] batch = Batches.Make(1, 10, 1);
        Assert.Throws<ArgumentException>(() => { harness.Append(0, batch[..^1]); });
        Assert.Throws<ArgumentException>(() => { harness.Append(0, [.. batch, 0]); });
        Assert.Equal(0, harness.Log.LogEndOffset);
    }

    /// <summary>Counts gathered and single writes to log files.</summary>
    private sealed class CountingDisk(IDisk inner) : IDisk
    {
        internal int LogWrites { get; private set; }

        public IDiskFile Open(string path, DiskOpen mode) => new File(this, inner.Open(path, mode));

        public bool FileExists(string path) => inner.FileExists(path);

        public bool DirectoryExists(string path) => inner.DirectoryExists(path);

        public long FileLength(string path) => inner.FileLength(path);

        public void Delete(string path) => inner.Delete(path);

        public void Rename(string from, string to) => inner.Rename(from, to);

        public void CreateDirectory(string path) => inner.CreateDirectory(path);

        public void DeleteDirectory(string path) => inner.DeleteDirectory(path);

        public IReadOnlyList<DiskEntry> List(string directory) => inner.List(directory);

        public void SyncDirectory(string directory) => inner.SyncDirectory(directory);

        public bool TrySyncAll(string path) => inner.TrySyncAll(path);

        public DiskSpace Space(string path) => inner.Space(path);

        public IDisposable? TryLock(string path) => inner.TryLock(path);

        private sealed class File(CountingDisk disk, IDiskFile inner) : IDiskFile
        {
            public string Path => inner.Path;

            public long Length => inner.Length;

            public int Read(long position, Span<byte> buffer) => inner.Read(position, buffer);

            public void Write(long position, ReadOnlySpan<byte> bytes)
            {
                disk.LogWrites += inner.Path.EndsWith(".log", StringComparison.Ordinal) ? 1 : 0;
                inner.Write(position, bytes);
            }

            public void Write(long position, ReadOnlySpan<ReadOnlyMemory<byte>> gathered)
            {
                disk.LogWrites += inner.Path.EndsWith(".log", StringComparison.Ordinal) ? 1 : 0;
                inner.Write(position, gathered);
            }

            public void Truncate(long length) => inner.Truncate(length);

            public void Sync(bool dataOnly) => inner.Sync(dataOnly);

            public void Dispose() => inner.Dispose();
        }
    }
}
