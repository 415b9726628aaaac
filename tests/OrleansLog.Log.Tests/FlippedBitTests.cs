namespace OrleansLog.Log.Tests;

/// <summary>
/// Bits that flip on the disk, in every field of a batch. The base offset is what no CRC covers: it is held against the offsets around it, where holes
/// between them are not usual.
/// </summary>
public class FlippedBitTests
{
    [Theory]
    [InlineData(0x01)]
    [InlineData(0x10)]
    public void A_bit_that_flips_while_nobody_looks_is_found_by_the_first_read(byte bit)
    {
        foreach (byte[] flipped in Batches.FlippedFilesOf(batches: 5, flippedOne: 2, bit))
        {
            using var harness = new LogHarness();
            harness.Disk.WriteAll(LogHarness.PathOf(0, ".log"), flipped);
            harness.Disk.WriteAll(LogHarness.PathOf(5, ".log"), []);
            harness.Open(new LogOpenContext { WasCleanShutdown = true, HighWatermark = 5 });
            Assert.Equal(5, harness.Log.LogEndOffset);
            harness.AssertServedBut(2, 3, end: 5);
        }
    }

    [Fact]
    public void A_log_that_was_cleaned_once_is_whole_whatever_its_settings_are_now()
    {
        byte[] sealedOne = Cleaned((0, 2), (10, 1), (20, 2)), secondOne = Cleaned((100, 1), (150, 3)), lastOne = Cleaned((200, 1), (400, 1));
        foreach (bool wasClean in (bool[])[true, false])
        {
            using var harness = new LogHarness();
            harness.Disk.WriteAll(LogHarness.PathOf(0, ".log"), sealedOne);
            harness.Disk.WriteAll(LogHarness.PathOf(100, ".log"), secondOne);
            harness.Disk.WriteAll(LogHarness.PathOf(200, ".log"), lastOne);
            harness.Open(new LogOpenContext { WasCleanShutdown = wasClean, HighWatermark = 401 });
            Assert.Empty(harness.Log.Damage);
            Assert.Equal(401, harness.Log.LogEndOffset);
            for (long offset = 0; offset < 401; offset++)
            {
                Assert.Equal(
                    new long[] { 0, 10, 20, 100, 150, 200, 400 }.SkipWhile(start => LastOf(start) < offset), harness.ReadAll(offset).Select(header => header.BaseOffset));
            }
        }

        static long LastOf(long start) => start + (start is 0 or 20 ? 1 : start is 150 ? 2 : 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_base_offset_that_jumps_behind_the_end_is_damage_in_any_segment(bool isSealed)
    {
        byte[] batches = Cleaned((0, 2), (2 + (1 << 10), 1));
        using var harness = new LogHarness();
        harness.Disk.WriteAll(LogHarness.PathOf(0, ".log"), batches);
        if (isSealed)
            harness.Disk.WriteAll(LogHarness.PathOf(3, ".log"), Cleaned((3, 1)));
        harness.Open(new LogOpenContext { HighWatermark = 3 });
        LogDamage damage = Assert.Single(harness.Log.Damage);
        Assert.Equal((2, 3), (damage.FromOffset, damage.ToOffset));
    }

    [Theory]
    [InlineData(1, 7, 2)]
    [InlineData(2, 6, 16)]
    [InlineData(4, 6, 16)]
    [InlineData(4, 0, 16)]
    public void A_base_offset_that_flips_in_the_last_segment_moves_no_end_and_no_record(int batch, int at, byte bit)
    {
        byte[] flipped = Batches.FileOf(batches: 5, out int[] ends);
        flipped[ends[batch - 1] + at] ^= bit;
        using var harness = new LogHarness();
        harness.Disk.WriteAll(LogHarness.PathOf(0, ".log"), flipped);
        harness.Open(new LogOpenContext { WasCleanShutdown = true, HighWatermark = 5 });
        Assert.Equal(5, harness.Log.LogEndOffset);
        Assert.Equal(5, harness.Append().FirstOffset);
        harness.AssertServedBut(batch, batch + 1, end: 6);
    }

    private static byte[] Cleaned(params (long Offset, int Records)[] batches) =>
        [.. batches.SelectMany(batch => Batches.At(batch.Offset, 0, Batches.Make(batch.Records, 10, 1)))];
}
