using OrleansLog.TestKit;

namespace OrleansLog.Log.Tests;

/// <summary>
/// <c>.snapshot</c> files against the reference's (tests/golden/logs/clean: all of them; <c>transactions-*</c> have epochs, open
/// transactions and coordinator epochs in theirs), and what becomes of ours.
/// </summary>
public class ProducerSnapshotTests
{
    public static TheoryData<string> GoldenSnapshots()
    {
        string root = Golden.PathOf("logs");
        return new TheoryData<string>(Directory.EnumerateFiles(root, "*.snapshot", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(GoldenSnapshots))]
    public void A_snapshot_of_the_reference_is_read_and_written_again_as_it_was(string file)
    {
        byte[] expected = File.ReadAllBytes(Path.Combine(Golden.PathOf("logs"), file));
        var disk = new MemoryDisk();
        disk.CreateDirectory("/d");
        disk.WriteAll("/d/in", expected);
        var environment = new LogEnvironment(disk, new SegmentCache());
        var states = new ProducerStates(1000, 0);
        Assert.True(ProducerSnapshot.TryRead(environment, "/d/in", long.Parse(Path.GetFileNameWithoutExtension(file), System.Globalization.CultureInfo.InvariantCulture), states));
        ProducerSnapshot.Write(environment, "/d/out", states);
        Assert.Equal(expected, disk.ReadAll("/d/out"));
    }

    /// <summary>Not the compacted ones: cleaning keeps a producer's last batch only.</summary>
    [Theory]
    [InlineData("transactions-0")]
    [InlineData("transactions-1")]
    [InlineData("transactions-open-0")]
    [InlineData("compacted-dirty-0")]
    [InlineData("segments-0")]
    [InlineData("__consumer_offsets-0")]
    [InlineData("__transaction_state-3")]
    public void What_the_batches_tell_is_what_the_reference_wrote_down(string partition)
    {
        var disk = new MemoryDisk();
        GoldenLog.Load(disk, Golden.PathOf("logs", "clean"), "/data");
        string[] snapshots = [.. disk.Files($"/data/{partition}").Where(file => file.EndsWith(".snapshot", StringComparison.Ordinal))];
        string newest = snapshots.Max(StringComparer.Ordinal)!;
        byte[] expected = disk.ReadAll(newest);
        foreach (string snapshot in snapshots)
            disk.Delete(snapshot);
        using var golden = new GoldenLog("clean", partition, disk: disk, damage: files =>
        {
            foreach (string file in files.Where(file => file.EndsWith(".snapshot", StringComparison.Ordinal)).ToArray())
                disk.Delete(file);
        });
        Assert.Null(golden.Log.Close(clean: true).Error);
        Assert.Equal(expected, disk.ReadAll(newest));
    }

    [Fact]
    public void One_is_taken_where_a_segment_begins_and_where_a_clean_stop_ends()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 200 });
        harness.Open();
        for (int i = 0; i < 5; i++)
            harness.Append(0, Batches.From(7, 0, i));
        harness.Reopen();
        Assert.Equal([2, 4, 5], Snapshots(harness));
        harness.Append(0, Batches.From(7, 0, 5));
        harness.Reopen();
        Assert.Equal([2, 4, 6], Snapshots(harness));
    }

    [Fact]
    public void A_damaged_one_is_dropped_and_built_again_from_the_one_before()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 200 });
        harness.Open();
        for (int i = 0; i < 5; i++)
            harness.Append(0, Batches.From(7, 0, i));
        harness.Log.Close(clean: true);
        byte[] good = harness.Disk.ReadAll(LogHarness.PathOf(5, ".snapshot"));
        for (int at = 0; at < good.Length; at++)
        {
            byte[] bad = [.. good];
            bad[at] ^= 0x10;
            harness.Disk.WriteAll(LogHarness.PathOf(5, ".snapshot"), bad);
            harness.Open(new LogOpenContext { WasCleanShutdown = true, HighWatermark = 5 });
            Assert.Equal(1, harness.Log.RecoveryReport.ProducerSnapshotsDropped);
            harness.Log.Close(clean: true);
            Assert.Equal(good, harness.Disk.ReadAll(LogHarness.PathOf(5, ".snapshot")));
        }
    }

    [Fact]
    public void One_that_lies_about_what_comes_after_it_is_dropped()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Append(0, Batches.From(7, 0, 0));
        harness.Append(0, Batches.From(7, 0, 1));
        harness.Log.Close(clean: true);
        byte[] ofTwo = harness.Disk.ReadAll(LogHarness.PathOf(2, ".snapshot"));
        harness.Disk.Delete(LogHarness.PathOf(2, ".snapshot"));
        harness.Disk.WriteAll(LogHarness.PathOf(1, ".snapshot"), ofTwo);
        harness.Open(new LogOpenContext { WasCleanShutdown = true, HighWatermark = 2 });
        Assert.Equal(1, harness.Log.RecoveryReport.ProducerSnapshotsDropped);
        harness.Log.Producers.BeginGroup();
    }

    private static IEnumerable<long> Snapshots(LogHarness harness) => harness.Disk.Files(LogHarness.Directory)
        .Where(file => file.EndsWith(".snapshot", StringComparison.Ordinal))
        .Select(file => long.Parse(Path.GetFileNameWithoutExtension(file), System.Globalization.CultureInfo.InvariantCulture)).Order();
}
