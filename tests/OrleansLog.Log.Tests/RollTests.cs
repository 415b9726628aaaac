using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Log.Tests;

public class RollTests
{
    private static readonly int BatchBytes = Batches.Make(1, 50, 0).Length;

    [Fact]
    public void A_segment_rolls_before_it_would_grow_beyond_segment_bytes()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 3 * BatchBytes });
        harness.Open();
        for (int i = 0; i < 7; i++)
            Assert.Equal(i is 3 or 6, harness.Append().Rolled);
        Assert.Equal([0, 3, 6], Bases(harness));
        Assert.Equal(7, harness.ReadAll().Count);
    }

    [Fact]
    public void One_append_may_span_several_segments()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 2 * BatchBytes });
        harness.Open();
        harness.Append(0, [.. Enumerable.Range(0, 7).Select(_ => Batches.Make(1, 50, 1))]);
        Assert.Equal([0, 2, 4, 6], Bases(harness));
        Assert.Equal(Enumerable.Range(0, 7).Select(i => (long)i), harness.ReadAll().Select(header => header.BaseOffset));
    }

    [Fact]
    public void A_batch_larger_than_a_segment_gets_one_of_its_own()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 2 * BatchBytes });
        harness.Open();
        harness.Append();
        harness.Append(valueBytes: 1000);
        harness.Append();
        Assert.Equal([0, 1, 2], Bases(harness));
    }

    [Fact]
    public void A_segment_rolls_when_a_batch_is_segment_ms_younger_than_its_first()
    {
        using var harness = new LogHarness(new LogSettings { SegmentMs = 1000, SegmentJitterMs = 100 });
        harness.Open();
        harness.Append(timestampMs: 5000);
        Assert.False(harness.Append(timestampMs: 5900).Rolled);
        Assert.True(harness.Append(timestampMs: 5901).Rolled);
    }

    [Fact]
    public void Without_appends_an_aged_segment_rolls_when_asked_and_an_empty_one_does_not()
    {
        using var harness = new LogHarness(new LogSettings { SegmentMs = 1000 });
        harness.Open();
        Assert.False(harness.Log.RollIfAged(harness.NowMs + 5000));
        harness.Append();
        Assert.False(harness.Log.RollIfAged(harness.NowMs + 1000));
        Assert.True(harness.Log.RollIfAged(harness.NowMs + 1001));
        Assert.False(harness.Log.RollIfAged(harness.NowMs + 5000));
        Assert.Equal([0, 1], Bases(harness));
    }

    [Fact]
    public void Records_of_long_ago_do_not_make_a_segment_old()
    {
        using var harness = new LogHarness(new LogSettings { SegmentMs = 1000 });
        harness.Open();
        long now = harness.Disk.NowMs = harness.NowMs;
        for (int i = 0; i < 5; i++)
        {
            harness.Append(timestampMs: 1);
            Assert.False(harness.Log.RollIfAged(now + 900));
        }

        harness.Reopen();
        Assert.False(harness.Log.RollIfAged(now + 960));
        Assert.True(harness.Log.RollIfAged(now + 2000));
    }

    [Fact]
    public void A_segment_that_was_empty_for_long_is_as_old_as_its_first_record()
    {
        using var harness = new LogHarness(new LogSettings { SegmentMs = 1000 });
        harness.Open();
        harness.NowMs += 50_000;
        harness.Append();
        Assert.False(harness.Log.RollIfAged(harness.NowMs + 1000));
        Assert.True(harness.Log.RollIfAged(harness.NowMs + 1001));
    }

    [Fact]
    public void A_segment_rolls_when_an_index_is_full()
    {
        using var harness = new LogHarness(new LogSettings { SegmentIndexBytes = 60, IndexIntervalBytes = 1 });
        harness.Open();
        for (int i = 0; i < 12; i++)
            harness.Append(timestampMs: 1000 + i);
        // 60 bytes hold five time entries, one of which is kept for the roll; the first batch has no entry.
        Assert.Equal([0, 5, 10], Bases(harness));
    }

    [Fact]
    public void A_segment_rolls_when_offsets_leave_four_bytes_behind()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Log.AppendReplicated([Batches.At(10, 0, Batches.Make(1, 10, 1))], 1);
        harness.Log.AppendReplicated([Batches.At(10L + int.MaxValue, 0, Batches.Make(1, 10, 1))], 1);
        Assert.Equal([0, 10L + int.MaxValue], Bases(harness));
        harness.Reopen();
        Assert.Equal(11L + int.MaxValue, harness.Log.LogEndOffset);
        Assert.Equal([10, 10L + int.MaxValue], harness.ReadAll().Select(header => header.BaseOffset));
    }

    [Fact]
    public void A_roll_that_fails_half_way_leaves_the_log_as_it_was()
    {
        for (int failAt = 0; failAt < 4; failAt++)
        {
            using var harness = new LogHarness(new LogSettings { SegmentBytes = 2 * BatchBytes });
            harness.Open();
            harness.Append();
            int opens = 0;
            int failing = failAt;
            harness.Disk.Fault = (operation, _) => operation == "open" && opens++ == failing ? DiskErrorKind.NoSpace : null;
            AppendOutcome refused = harness.Append(0, Batches.Make(1, 50, 1), Batches.Make(1, 50, 1), Batches.Make(1, 50, 1));
            harness.Disk.Fault = null;
            Assert.Equal((AppendStatus.DiskError, 1L), (refused.Status, refused.LogEndOffset));
            Assert.Null(harness.Log.Failure);
            Assert.Single(harness.ReadAll());
            Assert.Equal(AppendStatus.Appended, harness.Append(0, Batches.Make(1, 50, 1), Batches.Make(1, 50, 1), Batches.Make(1, 50, 1)).Status);
            Assert.Equal(4, harness.ReadAll().Count);
            harness.Reopen();
            Assert.Equal(4, harness.ReadAll().Count);
        }
    }

    [Fact]
    public void Rolling_by_hand_closes_the_indexes()
    {
        using var harness = new LogHarness(new LogSettings { IndexIntervalBytes = 100 });
        harness.Open();
        for (int i = 0; i < 10; i++)
            harness.Append(timestampMs: 100 + i);
        harness.Log.Roll(1);
        harness.Log.Roll(1);
        Assert.Equal([0, 10], Bases(harness));
        Assert.NotEmpty(harness.Disk.ReadAll(LogHarness.PathOf(0, ".index")));
        byte[] times = harness.Disk.ReadAll(LogHarness.PathOf(0, ".timeindex"));
        Assert.Equal(109, System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(times.AsSpan(^12..)));
    }

    private static IEnumerable<long> Bases(LogHarness harness) =>
        harness.Disk.Files(LogHarness.Directory).Where(path => path.EndsWith(".log", StringComparison.Ordinal))
            .Select(path => SegmentFiles.TryParse(Path.GetFileName(path), out long offset, out _) ? offset : -1);
}
