using OrleansLog.Protocol;
using OrleansLog.TestKit;

namespace OrleansLog.Log.Tests;

public class FlushAndFailureTests
{
    [Fact]
    public void The_durable_end_moves_only_when_the_fsync_succeeded()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Append(records: 3);
        Assert.Equal((0L, 3L), (harness.Log.DurableEndOffset, harness.Log.UnflushedMessages));
        Assert.True(harness.Log.UnflushedBytes > 0);
        Assert.Equal(3, harness.Log.Flush().DurableEndOffset);
        Assert.Equal((0L, 0L), (harness.Log.UnflushedBytes, harness.Log.UnflushedMessages));
    }

    [Fact]
    public void A_failed_fsync_is_final_and_nothing_is_appended_or_synced_after_it()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Append();
        harness.Disk.Fault = (operation, _) => operation == "sync" ? DiskErrorKind.Io : null;
        Assert.Equal((0, DiskErrorKind.Io), (harness.Log.Flush().DurableEndOffset, harness.Log.Failure!.Kind));
        harness.Disk.Fault = null;
        FlushOutcome again = harness.Log.Flush();
        Assert.Equal((0, DiskErrorKind.Io), (again.DurableEndOffset, again.Error!.Kind));
        Assert.Equal(AppendStatus.LogFailed, harness.Append().Status);
        Assert.Single(harness.ReadAll());
        Assert.NotNull(harness.Log.Close(clean: true).Error);
    }

    [Fact]
    public void A_full_disk_refuses_the_append_leaves_no_trace_and_takes_appends_again_when_there_is_room()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Append();
        harness.Disk.CapacityBytes = harness.Disk.UsedBytes + 30;
        AppendOutcome refused = harness.Append(records: 5);
        Assert.Equal((AppendStatus.DiskError, DiskErrorKind.NoSpace, 1L), (refused.Status, refused.Error!.Kind, refused.LogEndOffset));
        Assert.False(refused.Error.IsDiskFailure);
        Assert.Equal(harness.Log.SizeInBytes, harness.Disk.ReadAll(LogHarness.PathOf(0, ".log")).Length);
        harness.Disk.CapacityBytes = long.MaxValue;
        Assert.Equal(1, harness.Append().FirstOffset);
        Assert.Equal(2, harness.ReadAll().Count);
        Assert.Null(harness.Log.Failure);
    }

    [Fact]
    public void If_even_the_cut_fails_the_log_has_failed_but_can_be_read()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Append();
        harness.Disk.Fault = (operation, _) => operation is "write" or "truncate" ? DiskErrorKind.Io : null;
        Assert.Equal(AppendStatus.DiskError, harness.Append().Status);
        harness.Disk.Fault = null;
        Assert.Equal(AppendStatus.LogFailed, harness.Append().Status);
        Assert.Single(harness.ReadAll());
        harness.KillAndOpen(new LogOpenContext { HighWatermark = 1 });
        Assert.Equal((1L, 0), (harness.Log.LogEndOffset, harness.Log.Damage.Count));
    }

    [Fact]
    public void A_failed_read_is_an_outcome_that_carries_the_disks_error()
    {
        using var harness = new LogHarness();
        harness.Open();
        harness.Append();
        harness.Disk.Fault = (operation, _) => operation == "read" ? DiskErrorKind.Io : null;
        using LogRead read = harness.Log.Read(0, 100, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal((ErrorCode.KafkaStorageError, DiskErrorKind.Io), (read.Error, read.DiskError!.Kind));
    }

    [Fact]
    public void A_flush_that_began_before_a_truncation_does_not_move_the_durable_end()
    {
        using var harness = new LogHarness();
        harness.Open();
        for (int i = 0; i < 4; i++)
            harness.Append();
        bool truncated = false;
        harness.Disk.Fault = (operation, path) =>
        {
            if (operation == "sync" && path.EndsWith(".log", StringComparison.Ordinal) && !truncated)
            {
                truncated = true;
                harness.Log.TruncateTo(2);
            }

            return null;
        };
        Assert.Equal(0, harness.Log.Flush().DurableEndOffset);
        Assert.Equal(2, harness.Log.Flush().DurableEndOffset);
    }

    [Fact]
    public void A_flush_syncs_rolled_segments_with_their_indexes_then_the_active_one_then_the_directory()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 300 });
        harness.Open();
        harness.Log.Flush();
        for (int i = 0; i < 5; i++)
            harness.Append();
        var synced = new List<string>();
        harness.Disk.Fault = (operation, path) =>
        {
            if (operation.StartsWith("sync", StringComparison.Ordinal))
                synced.Add(Path.GetFileName(path));
            return null;
        };
        harness.Log.Flush();
        Assert.Equal(
            ["00000000000000000000.log", "00000000000000000000.index", "00000000000000000000.timeindex",
             "00000000000000000002.log", "00000000000000000002.index", "00000000000000000002.timeindex", "00000000000000000004.log",
             "leader-epoch-checkpoint.tmp", "t-0", "t-0"], synced);
    }

    /// <summary>A topic is deleted while its log is synced: the sync must not find the files gone, which it would take for a failed disk.</summary>
    [Fact]
    public async Task A_log_is_closed_when_no_flush_is_under_way_any_more()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 1000 }, cache: new SegmentCache(1));
        PartitionLog log = harness.Open();
        for (int i = 0; i < 40; i++)
            Assert.Equal(AppendStatus.Appended, harness.Append().Status);
        Task? closing = null;
        harness.Disk.Fault = (operation, _) =>
        {
            if (operation == "sync" && closing is null)
            {
                closing = OwnThread.RunAsync(() =>
                {
                    log.Close(clean: false);
                    harness.Disk.Rename(LogHarness.Directory, $"{LogHarness.Directory}-delete");
                });

                // One that does not wait for the flush comes through here; one that does never will, however long this is.
                SpinWait.SpinUntil(() => closing.IsCompleted, TimeSpan.FromMilliseconds(200));
            }

            return null;
        };

        FlushOutcome flushed = log.Flush();

        await closing!;
        Assert.Null(flushed.Error);
        Assert.Null(log.Failure);
    }

    [Fact]
    public async Task Readers_appends_rolls_retention_and_flushes_run_side_by_side()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 4000, IndexIntervalBytes = 200, RetentionBytes = 20_000, RetentionMs = -1 }, cache: new SegmentCache(2));
        PartitionLog log = harness.Open();
        using var stop = new CancellationTokenSource();
        Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            long next = 0;
            while (!stop.IsCancellationRequested || next < log.LogEndOffset)
            {
                using LogRead read = log.Read(next, 1500, long.MaxValue, atLeastOneBatch: true);
                if (read.Error == ErrorCode.OffsetOutOfRange)
                {
                    Assert.True(next < log.LogStartOffset);
                    next = log.LogStartOffset;
                    continue;
                }

                Assert.Equal(ErrorCode.None, read.Error);
                if (!read.Data.IsEmpty)
                    Assert.Equal(next, Batches.Headers(read.Data)[0].BaseOffset);
                next = read.NextOffset;
            }
        }))];
        Task flusher = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                Assert.Null(log.Flush().Error);
        });
        for (int i = 0; i < 3000; i++)
        {
            Assert.Equal(AppendStatus.Appended, harness.Append().Status);
            if (i % 100 == 99)
                log.ApplyRetention(harness.NowMs, log.LogEndOffset).FilesToDelete.ToList().ForEach(harness.Disk.Delete);
        }

        await stop.CancelAsync();
        await Task.WhenAll([.. readers, flusher]);
        Assert.Empty(log.Damage);
        Assert.Equal(3000, log.Flush().DurableEndOffset);
        log.Close(clean: true);
        harness.Cache.Dispose();
        Assert.Equal(0, harness.Disk.OpenFiles);
    }
}
