using OrleansLog.Protocol;

namespace OrleansLog.Log.Tests;

public class RetentionAndTruncationTests
{
    /// <summary>Two batches a segment, a record each.</summary>
    private static LogHarness WithSegments(LogSettings settings, int batches = 9)
    {
        var harness = new LogHarness(settings with { SegmentBytes = 300 });
        harness.Open();
        for (int i = 0; i < batches; i++)
            harness.Append(timestampMs: 1000 + (i * 100));
        return harness;
    }

    [Fact]
    public void Segments_go_when_their_newest_record_is_older_than_retention_ms()
    {
        using LogHarness harness = WithSegments(new LogSettings { RetentionMs = 1000 });
        RetentionResult result = harness.Log.ApplyRetention(nowMs: 2301, highWatermark: 9);
        Assert.Equal((2, 4L), (result.SegmentsDeleted, result.LogStartOffset));
        Assert.Equal(4, harness.Log.LogStartOffset);
        Assert.All(result.FilesToDelete, file => Assert.EndsWith(".deleted", file, StringComparison.Ordinal));
        Assert.Equal(7, result.FilesToDelete.Count); // .log, .index and .timeindex of both, and the .snapshot that the second one began with
        using LogRead gone = harness.Log.Read(3, 100, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal(ErrorCode.OffsetOutOfRange, gone.Error);
        Assert.Equal(5, harness.ReadAll().Count);
        harness.Reopen();
        Assert.Equal(4, harness.Log.LogStartOffset);
        Assert.DoesNotContain(harness.Disk.Files(LogHarness.Directory), file => file.EndsWith(".deleted", StringComparison.Ordinal));
    }

    [Fact]
    public void Segments_go_also_when_the_full_disk_has_no_room_for_the_leader_epochs()
    {
        using LogHarness harness = WithSegments(new LogSettings { RetentionMs = 1000 });
        harness.Disk.Fault = (operation, path) =>
            operation == "write" && path.Contains("leader-epoch-checkpoint", StringComparison.Ordinal) ? DiskErrorKind.NoSpace : null;
        RetentionResult result = harness.Log.ApplyRetention(nowMs: 2301, highWatermark: 9);
        Assert.Equal((null, 2, 7), (result.Error, result.SegmentsDeleted, result.FilesToDelete.Count));
        Assert.Equal([new(0, 4)], harness.Log.LeaderEpochs.Entries);
        harness.Disk.Fault = null;
        harness.Reopen();
        Assert.Equal([new(0, 4)], harness.Log.LeaderEpochs.Entries);
    }

    [Fact]
    public void When_all_records_are_old_the_active_segment_goes_too_and_offsets_go_on()
    {
        using LogHarness harness = WithSegments(new LogSettings { RetentionMs = 1000 });
        Assert.Equal(5, harness.Log.ApplyRetention(nowMs: 1_000_000, highWatermark: 9).SegmentsDeleted);
        Assert.Equal((9L, 9L, 0L), (harness.Log.LogStartOffset, harness.Log.LogEndOffset, harness.Log.SizeInBytes));
        Assert.Equal(9, harness.Append().FirstOffset);
        harness.Reopen(new LogOpenContext { WasCleanShutdown = true, HighWatermark = 10 });
        Assert.Equal((9L, 10L), (harness.Log.LogStartOffset, harness.Log.LogEndOffset));
    }

    [Fact]
    public void Size_takes_whole_segments_only_while_the_rest_is_still_large_enough()
    {
        using LogHarness harness = WithSegments(new LogSettings { RetentionMs = -1, RetentionBytes = 600 });
        harness.Log.ApplyRetention(nowMs: 1, highWatermark: 9);
        Assert.True(harness.Log.SizeInBytes >= 600);
        Assert.True(harness.Log.SizeInBytes - 260 < 600);
    }

    [Fact]
    public void Nothing_at_or_above_the_high_watermark_goes()
    {
        using LogHarness harness = WithSegments(new LogSettings { RetentionMs = 1 });
        Assert.Equal(1, harness.Log.ApplyRetention(nowMs: 1_000_000, highWatermark: 3).SegmentsDeleted);
    }

    [Fact]
    public void A_compacted_topic_loses_nothing_by_time_or_size_but_by_delete_records()
    {
        using LogHarness harness = WithSegments(new LogSettings { RetentionMs = 1, RetentionBytes = 1, IsCompacted = true, IsDeleted = false });
        Assert.Equal(0, harness.Log.ApplyRetention(nowMs: 1_000_000, highWatermark: 9).SegmentsDeleted);
        harness.Log.AdvanceLogStart(5);
        Assert.Equal(2, harness.Log.ApplyRetention(nowMs: 1_000_000, highWatermark: 9).SegmentsDeleted);
        Assert.Equal(5, harness.Log.LogStartOffset);
    }

    [Fact]
    public void Delete_records_moves_the_log_start_and_it_survives_a_restart()
    {
        using LogHarness harness = WithSegments(new LogSettings());
        Assert.Equal(3, harness.Log.AdvanceLogStart(3));
        Assert.Equal(3, harness.Log.AdvanceLogStart(1));
        using LogRead gone = harness.Log.Read(2, 100, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal(ErrorCode.OffsetOutOfRange, gone.Error);
        harness.Reopen(new LogOpenContext { WasCleanShutdown = true, LogStartOffset = 3, HighWatermark = 9 });
        Assert.Equal(3, harness.ReadAll()[0].BaseOffset);
        Assert.Equal(9, harness.Log.AdvanceLogStart(100));
    }

    [Fact]
    public void What_belongs_to_a_segment_goes_with_it_and_the_rest_stays()
    {
        using LogHarness harness = WithSegments(new LogSettings { RetentionMs = 1000 });
        harness.Disk.WriteAll(Path.Combine(LogHarness.Directory, "00000000000000000000.txnindex"), [1]);
        harness.Log.ApplyRetention(nowMs: 2301, highWatermark: 9).FilesToDelete.ToList().ForEach(harness.Disk.Delete);
        Assert.Equal(["00000000000000000004.snapshot", "00000000000000000006.snapshot", "00000000000000000008.snapshot"], Endings(harness, ".snapshot"));
        Assert.Empty(Endings(harness, ".txnindex"));
        harness.Log.TruncateTo(7);
        Assert.Equal(["00000000000000000004.snapshot", "00000000000000000006.snapshot"], Endings(harness, ".snapshot"));
    }

    [Fact]
    public void A_reader_that_holds_a_segment_reads_on_after_it_was_deleted()
    {
        using LogHarness harness = WithSegments(new LogSettings { RetentionMs = 1000 });
        LogSegment segment = harness.Log.Segments[0];
        OpenSegment lease = segment.Lease();
        byte[] before = new byte[segment.SizeInBytes];
        Assert.Equal(before.Length, lease.File.Read(0, before));
        harness.Log.ApplyRetention(nowMs: 1_000_000, highWatermark: 9).FilesToDelete.ToList().ForEach(harness.Disk.Delete);
        byte[] after = new byte[before.Length];
        Assert.Equal(after.Length, lease.File.Read(0, after));
        Assert.Equal(before, after);
        lease.Release();
    }

    [Theory]
    [InlineData(8)]
    [InlineData(6)]
    [InlineData(3)]
    [InlineData(1)]
    [InlineData(0)]
    public void Truncation_cuts_records_indexes_epochs_and_later_segments(long offset)
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 300, IndexIntervalBytes = 1 });
        harness.Open();
        for (int i = 0; i < 9; i++)
            harness.Append(timestampMs: 1000 + i, epoch: i / 2);
        harness.Log.Flush();
        Assert.Equal(offset, harness.Log.TruncateTo(offset));
        Assert.Equal((offset, offset, offset), (harness.Log.LogEndOffset, harness.Log.DurableEndOffset, (long)harness.ReadAll().Count));
        Assert.Equal(offset == 0 ? -1 : 1000 + offset - 1, harness.Log.MaxTimestamp.TimestampMs);
        Assert.Equal(offset == 0 ? -1 : (int)(offset - 1) / 2, harness.Log.LeaderEpochs.LatestEpoch);
        Assert.Equal(offset, harness.Append(epoch: 9, timestampMs: 7).FirstOffset);
        harness.Reopen();
        Assert.Equal(offset + 1, harness.ReadAll().Count);
        harness.KillAndOpen(new LogOpenContext { HighWatermark = offset + 1 });
        Assert.Equal(offset + 1, harness.ReadAll().Count);
        Assert.Empty(harness.Log.Damage);
    }

    [Fact]
    public void Truncating_inside_a_batch_cuts_the_whole_batch()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Append(records: 5);
        harness.Append(records: 5);
        Assert.Equal(5, harness.Log.TruncateTo(7));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_cut_takes_the_damage_behind_it_and_leaves_what_lies_before_it(long offset)
    {
        using var harness = new LogHarness(new LogSettings { IndexIntervalBytes = 1 });
        harness.Open();
        for (int i = 0; i < 6; i++)
            harness.Append();
        string segment = harness.Disk.Files(LogHarness.Directory).Single(file => file.EndsWith(".log", StringComparison.Ordinal));
        byte[] content = harness.Disk.ReadAll(segment);
        int batch = content.Length / 6;
        using (IDiskFile file = harness.Disk.Open(segment, DiskOpen.ReadWrite))
            file.Write((3 * batch) - 1, [(byte)(content[(3 * batch) - 1] ^ 1)]);
        Assert.NotNull(harness.Log.Scrub(2, 1000).Damage);

        Assert.Equal(offset, harness.Log.TruncateTo(offset));
        Assert.Equal(offset <= 2 ? 0 : 1, harness.Log.Damage.Count);
        Assert.Equal(offset * batch, harness.Log.SizeInBytes);
        Assert.Equal(offset, harness.Append(epoch: 1).FirstOffset);
        using LogRead appended = harness.Log.Read(offset, 1000, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal((ErrorCode.None, offset), (appended.Error, appended.BaseOffset));
    }

    [Fact]
    public void Starting_afresh_at_an_offset_leaves_nothing_of_the_old_log()
    {
        using LogHarness harness = WithSegments(new LogSettings());
        harness.Log.TruncateFullyAndStartAt(500);
        Assert.Equal((500L, 500L, 500L), (harness.Log.LogStartOffset, harness.Log.LogEndOffset, harness.Append().FirstOffset));
        harness.Reopen(new LogOpenContext { WasCleanShutdown = true, LogStartOffset = 500, HighWatermark = 501 });
        Assert.Equal(500, Assert.Single(harness.ReadAll()).BaseOffset);
    }

    private static IEnumerable<string?> Endings(LogHarness harness, string ending) =>
        harness.Disk.Files(LogHarness.Directory).Where(file => file.EndsWith(ending, StringComparison.Ordinal)).Select(Path.GetFileName);
}
