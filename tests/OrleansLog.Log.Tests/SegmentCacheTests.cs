namespace OrleansLog.Log.Tests;

public class SegmentCacheTests
{
    [Fact]
    public void Cold_segments_stay_open_only_up_to_the_bound_and_all_can_be_read()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 300, IndexIntervalBytes = 1 }, cache: new SegmentCache(maxSegments: 3));
        harness.Open();
        for (int i = 0; i < 40; i++)
            harness.Append();
        harness.Log.Flush();
        for (int round = 0; round < 3; round++)
        {
            for (int i = 39; i >= 0; i--)
            {
                using LogRead read = harness.Log.Read(i, 1, long.MaxValue, atLeastOneBatch: true);
                Assert.Equal(i, read.BaseOffset);
                Assert.InRange(harness.Cache.Count, 0, 3);
                // The active segment is not counted.
                Assert.InRange(harness.Disk.OpenFiles, 1, 4);
            }
        }
    }

    [Fact]
    public void Index_memory_stays_within_its_bound()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 3000, IndexIntervalBytes = 1 }, cache: new SegmentCache(100, maxIndexBytes: 4096));
        harness.Open();
        for (int i = 0; i < 300; i++)
            harness.Append();
        harness.Reopen();
        for (int i = 0; i < 300; i += 7)
        {
            using LogRead read = harness.Log.Read(i, 1, long.MaxValue, atLeastOneBatch: true);
            Assert.Equal(i, read.BaseOffset);
            Assert.InRange(harness.Cache.IndexBytes, 0, 4096);
        }
    }

    [Fact]
    public void What_is_being_read_stays_open_after_it_was_evicted_and_closes_then()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 300 }, cache: new SegmentCache(maxSegments: 1));
        harness.Open();
        for (int i = 0; i < 10; i++)
            harness.Append();
        harness.Log.Flush();
        OpenSegment lease = harness.Log.Segments[0].Lease();
        for (int i = 2; i < 8; i += 2)
            harness.Log.Read(i, 1, long.MaxValue, atLeastOneBatch: true).Dispose();
        Assert.Equal(100, lease.File.Read(0, new byte[100]));
        int before = harness.Disk.OpenFiles;
        lease.Release();
        Assert.Equal(before - 1, harness.Disk.OpenFiles);
    }

    [Fact]
    public void A_closed_log_leaves_nothing_in_the_cache()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 300 });
        harness.Open();
        for (int i = 0; i < 10; i++)
            harness.Append();
        harness.Log.Flush();
        Assert.Equal(10, harness.ReadAll().Count);
        Assert.NotEqual(0, harness.Cache.Count);
        harness.Log.Close(clean: true);
        Assert.Equal((0, 0L, 0), (harness.Cache.Count, harness.Cache.IndexBytes, harness.Disk.OpenFiles));
    }
}
