using OrleansLog.Protocol;

namespace OrleansLog.Log.Tests;

/// <summary>Reads that do not wait for the disk.</summary>
public class ColdReadTests
{
    [Fact]
    public void What_is_not_in_memory_is_cold_and_not_read()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Append(records: 3);
        harness.Append(records: 3);
        harness.Disk.IsCached = static _ => false;
        var reads = harness.Disk.Operations.GetValueOrDefault("read");

        AssertCold(harness, 0);
        AssertCold(harness, 4);
        AssertCold(harness, 3, atLeastOneBatch: false);
        Assert.Equal(reads, harness.Disk.Operations.GetValueOrDefault("read"));

        using LogRead read = harness.Log.Read(0, 1 << 20, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal((false, 6), (read.IsCold, read.NextOffset));
    }

    [Fact]
    public void Where_a_sequential_reader_goes_on_is_cold_too()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Append(records: 3);
        harness.Append(records: 3);
        int first = harness.ReadAll()[0].SizeInBytes is var size ? (int)size : 0;
        using (LogRead read = harness.Log.Read(0, first, long.MaxValue, atLeastOneBatch: true, cachedOnly: true))
            Assert.Equal((false, 3, first), (read.IsCold, read.NextOffset, read.Data.Length));

        harness.Disk.IsCached = static _ => false;
        AssertCold(harness, 3);
        harness.Disk.IsCached = static _ => true;
        using LogRead second = harness.Log.Read(3, 1 << 20, long.MaxValue, atLeastOneBatch: true, cachedOnly: true);
        Assert.Equal((false, 6), (second.IsCold, second.NextOffset));
    }

    [Fact]
    public void A_segment_that_is_not_open_is_cold_until_somebody_has_read_it()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 300 });
        harness.Open();
        for (int i = 0; i < 12; i++)
            harness.Append();

        harness.Reopen();
        var opened = harness.Disk.Operations["open"];
        AssertCold(harness, 0);
        Assert.Equal(opened, harness.Disk.Operations["open"]);

        harness.Log.Read(0, 1 << 20, long.MaxValue, atLeastOneBatch: true).Dispose();
        using LogRead read = harness.Log.Read(0, 1 << 20, long.MaxValue, atLeastOneBatch: true, cachedOnly: true);
        Assert.Equal((false, 0), (read.IsCold, read.BaseOffset));
    }

    [Fact]
    public void What_needs_no_disk_is_answered_whether_or_not_it_may_be_waited_for()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Append(records: 3);
        harness.Disk.IsCached = static _ => false;

        using LogRead beyond = harness.Log.Read(4, 100, long.MaxValue, atLeastOneBatch: true, cachedOnly: true);
        using LogRead end = harness.Log.Read(3, 100, long.MaxValue, atLeastOneBatch: true, cachedOnly: true);
        using LogRead bounded = harness.Log.Read(0, 100, upperBoundOffset: 0, atLeastOneBatch: true, cachedOnly: true);

        Assert.Equal((ErrorCode.OffsetOutOfRange, false), (beyond.Error, beyond.IsCold));
        Assert.Equal((ErrorCode.None, false, 3), (end.Error, end.IsCold, end.NextOffset));
        Assert.Equal((ErrorCode.None, false, 0), (bounded.Error, bounded.IsCold, bounded.NextOffset));
    }

    [Fact]
    public void Damage_is_looked_for_by_who_may_wait()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Append(records: 3);
        harness.Reopen();
        string path = harness.Disk.Files(LogHarness.Directory).Single(file => file.EndsWith(".log", StringComparison.Ordinal));
        byte[] content = harness.Disk.ReadAll(path);
        content[^1] ^= 1;
        using (IDiskFile file = harness.Disk.Open(path, DiskOpen.ReadWrite))
            file.Write(0, content);

        AssertCold(harness, 0);
        using LogRead read = harness.Log.Read(0, 1 << 20, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal((ErrorCode.CorruptMessage, true), (read.Error, read.Damage is not null));
        using LogRead known = harness.Log.Read(0, 1 << 20, long.MaxValue, atLeastOneBatch: true, cachedOnly: true);
        Assert.Equal((ErrorCode.CorruptMessage, true), (known.Error, known.Damage is not null));
    }

    private static void AssertCold(LogHarness harness, long offset, bool atLeastOneBatch = true)
    {
        using LogRead read = harness.Log.Read(offset, 1 << 20, long.MaxValue, atLeastOneBatch, cachedOnly: true);
        Assert.Equal((ErrorCode.None, true, 0, offset), (read.Error, read.IsCold, read.Data.Length, read.NextOffset));
    }
}
