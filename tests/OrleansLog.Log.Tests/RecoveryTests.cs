using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Log.Tests;

public class RecoveryTests
{
    private static LogOpenContext Unclean(long recoveryPoint = 0, long highWatermark = 0, long logStart = 0) =>
        new() { RecoveryPoint = recoveryPoint, HighWatermark = highWatermark, LogStartOffset = logStart, NowMs = 1 };

    [Fact]
    public void A_tail_torn_at_any_byte_of_the_last_three_batches_loses_just_what_is_torn()
    {
        byte[] whole = Batches.FileOf(batches: 6, out int[] ends);
        for (int length = ends[2]; length <= whole.Length; length++)
        {
            int good = ends.Count(end => end <= length);
            foreach (bool garbage in (bool[])[false, true])
            {
                using var harness = new LogHarness();
                byte[] torn = garbage ? [.. whole[..length], .. Enumerable.Repeat((byte)0xA5, whole.Length - length)] : whole[..length];
                harness.Disk.WriteAll(LogHarness.PathOf(0, ".log"), torn);
                PartitionLog log = harness.Open(Unclean(highWatermark: 3));
                Assert.Equal(good, log.LogEndOffset);
                Assert.Equal(good, harness.ReadAll().Count);
                Assert.Equal(torn.Length - (good == 0 ? 0 : ends[good - 1]), log.RecoveryReport.BytesCut);
                Assert.Empty(log.Damage);
                harness.Append();
                Assert.Equal(good + 1, harness.ReadAll().Count);
            }
        }
    }

    [Fact]
    public void A_tail_torn_below_the_high_watermark_is_damage_and_its_offsets_are_never_given_out_again()
    {
        byte[] whole = Batches.FileOf(batches: 6, out int[] ends);
        for (int length = ends[2]; length < whole.Length; length++)
        {
            int good = ends.Count(end => end <= length);
            using var harness = new LogHarness();
            harness.Disk.WriteAll(LogHarness.PathOf(0, ".log"), whole[..length]);
            PartitionLog log = harness.Open(Unclean(highWatermark: 6));
            LogDamage damage = Assert.Single(log.Damage);
            Assert.Equal((good, 6), (damage.FromOffset, damage.ToOffset));
            Assert.Equal(length == ends[good - 1] ? DamageKind.Missing : DamageKind.Unreadable, damage.Kind);
            Assert.Contains("00000000000000000000.log", damage.Message, StringComparison.Ordinal);
            Assert.Equal(6, log.LogEndOffset);
            Assert.Equal(length, harness.Disk.ReadAll(LogHarness.PathOf(0, ".log")).Length);
            Assert.Equal(6, harness.Append().FirstOffset);
            harness.AssertServedBut(good, 6, end: 7);
            harness.Reopen();
            harness.AssertServedBut(good, 6, end: 7);
            harness.KillAndOpen(Unclean(highWatermark: 7));
            harness.AssertServedBut(good, 6, end: 7);
            Assert.Single(harness.Log.Damage);
        }
    }

    [Fact]
    public void Any_flipped_bit_with_good_batches_behind_it_is_corruption_that_hides_one_batch()
    {
        _ = Batches.FileOf(batches: 5, out int[] ends);
        foreach (byte[] flipped in Batches.FlippedFilesOf(batches: 5, flippedOne: 2, bit: 0x10))
        {
            using var harness = new LogHarness();
            harness.Disk.WriteAll(LogHarness.PathOf(0, ".log"), flipped);
            PartitionLog log = harness.Open(Unclean());
            LogDamage damage = Assert.Single(log.Damage);
            Assert.Equal((2, 3, ends[1]), (damage.FromOffset, damage.ToOffset, damage.Position));
            Assert.Equal(0, log.RecoveryReport.BytesCut);
            Assert.Equal(flipped, harness.Disk.ReadAll(LogHarness.PathOf(0, ".log")));
            Assert.Equal(5, harness.Append().FirstOffset);
            harness.AssertServedBut(2, 3, end: 6);
            harness.Reopen();
            harness.AssertServedBut(2, 3, end: 6);
        }
    }

    /// <summary>Its index files were written when it rolled, after the last flush.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_segment_that_rolled_just_after_a_flush_keeps_its_indexes_through_a_power_loss(bool isKilledBefore)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            using var harness = new LogHarness(new LogSettings { IndexIntervalBytes = 100 });
            harness.Open();
            for (int i = 0; i < 5; i++)
                harness.Append(timestampMs: 100 + i);
            Assert.Null(harness.Log.Flush().Error);
            harness.Log.Roll(1);
            if (isKilledBefore)
            {
                harness.KillAndOpen(Unclean(recoveryPoint: 5, highWatermark: 5));
                Assert.Null(harness.Log.Close(clean: true).Error);
                harness.CrashAndOpen(seed, new LogOpenContext { WasCleanShutdown = true, HighWatermark = 5 });
            }
            else
            {
                harness.CrashAndOpen(seed, Unclean(recoveryPoint: 5, highWatermark: 5) with { MayHaveLostUnsynced = true }, reorders: true);
            }

            Assert.Equal(3, harness.Log.OffsetForTimestamp(103).Found.Offset);
        }
    }

    /// <summary>A power loss took a piece that ends a batch's values and begins the next one's base offset, which lies outside its CRC.</summary>
    [Fact]
    public void A_batch_that_lost_its_base_offset_behind_a_damaged_one_does_not_take_that_ones_place()
    {
        byte[] torn = Batches.FileOf(batches: 3, out int[] ends);
        torn[ends[0] - 1] ^= 0x10;
        torn.AsSpan(ends[0], sizeof(long)).Clear();
        using var harness = new LogHarness();
        harness.Disk.WriteAll(LogHarness.PathOf(0, ".log"), torn);
        LogDamage damage = Assert.Single(harness.Open(Unclean()).Damage);
        Assert.Equal((0, 2, 0), (damage.FromOffset, damage.ToOffset, damage.Position));
        Assert.Equal(3, harness.Append().FirstOffset);
        harness.AssertServedBut(0, 2, end: 4);
    }

    [Fact]
    public void The_scrub_finds_a_bit_that_flipped_after_it_was_checked()
    {
        using var harness = new LogHarness();
        harness.Open();
        for (int i = 0; i < 10; i++)
            harness.Append();
        Assert.Equal(10, harness.ReadAll().Count);
        using (IDiskFile file = harness.Disk.Open(LogHarness.PathOf(0, ".log"), DiskOpen.ReadWrite))
            file.Write((file.Length / 10 * 4) + 70, [0x55]);
        var found = new List<LogDamage>();
        ScrubOutcome step = default;
        for (int steps = 0; !step.IsComplete && steps < 100; steps++)
        {
            step = harness.Log.Scrub(step.NextOffset, 200);
            found.AddRange(step.Damage is { } damage ? [damage] : []);
        }

        Assert.Equal((4, 5), (Assert.Single(found).FromOffset, found[0].ToOffset));
        harness.AssertServedBut(4, 5, end: 10);
    }

    [Fact]
    public void A_segment_that_lost_its_end_in_front_of_a_good_one_is_damaged()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 300 });
        harness.Open();
        for (int i = 0; i < 9; i++)
            harness.Append(valueBytes: Batches.FileValueBytes);
        Assert.Equal(5, harness.Log.SegmentCount);
        byte[] second = harness.Disk.ReadAll(LogHarness.PathOf(2, ".log"));
        harness.Disk.WriteAll(LogHarness.PathOf(2, ".log"), second[..(second.Length / 2)]);
        harness.KillAndOpen(Unclean());
        Assert.Equal((3, 4), (Assert.Single(harness.Log.Damage).FromOffset, harness.Log.Damage[0].ToOffset));
        harness.AssertServedBut(3, 4, end: 9);
    }

    [Fact]
    public void A_half_finished_roll_is_finished_or_undone()
    {
        byte[] whole = Batches.FileOf(batches: 3, out int[] ends);
        // The next segment is there and empty, and the one before it whole.
        using (var harness = new LogHarness())
        {
            harness.Disk.WriteAll(LogHarness.PathOf(0, ".log"), whole);
            harness.Disk.WriteAll(LogHarness.PathOf(3, ".log"), []);
            harness.Open(Unclean(highWatermark: 3));
            Assert.Equal((3, 2), (harness.Log.LogEndOffset, harness.Log.SegmentCount));
            harness.Append();
            Assert.Equal(4, harness.ReadAll().Count);
        }

        // It is there, but the end of the one before it is not.
        using (var harness = new LogHarness())
        {
            harness.Disk.WriteAll(LogHarness.PathOf(0, ".log"), whole[..(ends[2] - 1)]);
            harness.Disk.WriteAll(LogHarness.PathOf(3, ".log"), []);
            harness.Open(Unclean(highWatermark: 2));
            Assert.Equal((2, 1), (harness.Log.LogEndOffset, harness.Log.SegmentCount));
            Assert.False(harness.Disk.FileExists(LogHarness.PathOf(3, ".log")));
        }
    }

    [Fact]
    public void Records_that_vanished_altogether_are_damage_and_an_empty_log_does_not_pretend()
    {
        using var harness = new LogHarness();
        harness.Open(Unclean(highWatermark: 10, logStart: 4));
        LogDamage damage = Assert.Single(harness.Log.Damage);
        Assert.Equal((DamageKind.Missing, 4, 10), (damage.Kind, damage.FromOffset, damage.ToOffset));
        Assert.Equal((4, 10), (harness.Log.LogStartOffset, harness.Log.LogEndOffset));
        using LogRead read = harness.Log.Read(4, 100, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal(ErrorCode.CorruptMessage, read.Error);
    }

    [Fact]
    public void A_clean_log_that_is_shorter_than_its_high_watermark_is_damaged_too()
    {
        byte[] whole = Batches.FileOf(batches: 4, out int[] ends);
        using var harness = new LogHarness();
        harness.Disk.WriteAll(LogHarness.PathOf(0, ".log"), whole[..ends[1]]);
        harness.Open(new LogOpenContext { WasCleanShutdown = true, HighWatermark = 4 });
        harness.AssertServedBut(2, 4, end: 4);
    }

    [Fact]
    public void After_a_clean_stop_nothing_is_scanned_and_after_an_unclean_one_only_from_the_recovery_point_on()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 300 });
        harness.Open();
        for (int i = 0; i < 9; i++)
            harness.Append(valueBytes: Batches.FileValueBytes);
        harness.Reopen();
        Assert.Equal((0, 9), (harness.Log.RecoveryReport.SegmentsScanned, harness.Log.DurableEndOffset));
        harness.KillAndOpen(Unclean(recoveryPoint: 5));
        Assert.Equal((3, 5), (harness.Log.RecoveryReport.SegmentsScanned, harness.Log.DurableEndOffset));
        Assert.Equal(9, harness.Log.Flush().DurableEndOffset);
        Assert.Equal(9, harness.ReadAll().Count);
    }

    [Fact]
    public void Deleted_damaged_and_preallocated_indexes_are_built_again_and_look_up_alike()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 2000, IndexIntervalBytes = 100 });
        harness.Open();
        for (int i = 0; i < 100; i++)
            harness.Append(valueBytes: Batches.FileValueBytes, timestampMs: 1000 + (i * 10));
        harness.Log.Close(clean: true);
        string[] indexes = [.. harness.Disk.Files(LogHarness.Directory).Where(path => path.EndsWith("index", StringComparison.Ordinal))];
        var good = indexes.ToDictionary(path => path, harness.Disk.ReadAll);
        foreach (string path in indexes)
        {
            foreach (byte[]? bad in (byte[]?[])[null, [1, 2, 3], [.. good[path].Reverse()], [.. good[path], .. new byte[240]]])
            {
                if (bad is null)
                    harness.Disk.Delete(path);
                else
                    harness.Disk.WriteAll(path, bad);
                harness.Open();
                for (int i = 0; i < 100; i++)
                {
                    using LogRead read = harness.Log.Read(i, 1, long.MaxValue, atLeastOneBatch: true);
                    Assert.Equal(i, read.BaseOffset);
                    Assert.Equal(1000 + (i / 100 * 10), harness.Log.MaxTimestamp.TimestampMs - 990);
                }

                harness.Log.Close(clean: true);
                Assert.Equal(good[path], harness.Disk.ReadAll(path)[..good[path].Length]);
            }
        }
    }

    [Fact]
    public void An_index_that_points_to_the_wrong_batches_is_noticed_and_built_again()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 2000, IndexIntervalBytes = 100 });
        harness.Open();
        for (int i = 0; i < 40; i++)
            harness.Append(valueBytes: Batches.FileValueBytes);
        harness.Log.Close(clean: true);
        byte[] index = harness.Disk.ReadAll(LogHarness.PathOf(0, ".index"));
        // Offsets of later batches for positions of earlier ones, and positions inside batches: ascending, so not to be seen by itself.
        for (int i = 3; i < index.Length; i += 8)
            index[i]++;
        for (int i = 15; i < index.Length; i += 16)
            index[i] += 3;
        harness.Disk.WriteAll(LogHarness.PathOf(0, ".index"), index);
        harness.Open();
        for (int i = 0; i < 40; i++)
        {
            using LogRead read = harness.Log.Read(i, 1, long.MaxValue, atLeastOneBatch: true);
            Assert.Equal((ErrorCode.None, i), (read.Error, read.BaseOffset));
        }
    }

    [Fact]
    public void Left_over_files_are_removed_or_completed()
    {
        byte[] whole = Batches.FileOf(batches: 4, out int[] ends);
        using var harness = new LogHarness(new LogSettings { IsCompacted = true });
        void Put(string name, byte[] content) => harness.Disk.WriteAll(Path.Combine(LogHarness.Directory, name), content);
        // Cleaning had finished segments 0 to 2 into one, which waits to take their place.
        Put("00000000000000000000.log", whole[..ends[0]]);
        Put("00000000000000000001.log", whole[ends[0]..ends[1]]);
        Put("00000000000000000001.index", []);
        Put("00000000000000000000.log.swap", whole[ends[0]..ends[1]]);
        Put("00000000000000000000.index.swap", []);
        Put("00000000000000000000.timeindex.swap", []);
        Put("00000000000000000002.log", whole[ends[1]..]);
        Put("00000000000000000002.log.cleaned", [1]);
        Put("00000000000000000002.log.swap", [1]);
        Put("00000000000000000007.log.deleted", whole);
        Put("00000000000000000009.index", [0, 0, 0, 1, 0, 0, 0, 1]);
        Put("00000000000000000004.snapshot", [1]);
        Put("00000000000000000099.snapshot", [1]);
        Put("leader-epoch-checkpoint.tmp", [1]);
        harness.Open(Unclean(highWatermark: 4));
        Assert.Equal([1, 2, 3], harness.ReadAll().Select(header => header.BaseOffset));
        Assert.Empty(harness.Log.Damage);
        Assert.Equal(
            ["00000000000000000000.index", "00000000000000000000.log", "00000000000000000000.timeindex", "00000000000000000002.index",
             "00000000000000000002.log", "00000000000000000002.timeindex", "00000000000000000004.snapshot", "leader-epoch-checkpoint"],
            Closed(harness));
    }

    [Fact]
    public void Leader_epochs_that_cannot_be_read_are_built_again_from_the_batches()
    {
        using var harness = new LogHarness(new LogSettings { SegmentBytes = 300 });
        harness.Open();
        for (int epoch = 0; epoch < 6; epoch += 2)
        {
            harness.Append(epoch: epoch);
            harness.Append(epoch: epoch);
        }

        harness.Log.Close(clean: true);
        harness.Disk.WriteAll(Path.Combine(LogHarness.Directory, "leader-epoch-checkpoint"), "0\n9\nx"u8.ToArray());
        harness.Open();
        Assert.True(harness.Log.RecoveryReport.LeaderEpochsRebuilt);
        Assert.Equal([new(0, 0), new(2, 2), new(4, 4)], harness.Log.LeaderEpochs.Entries);
    }

    private static IEnumerable<string?> Closed(LogHarness harness)
    {
        harness.Log.Close(clean: true);
        return harness.Disk.Files(LogHarness.Directory).Select(Path.GetFileName);
    }
}
