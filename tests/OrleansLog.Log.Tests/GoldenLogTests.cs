using OrleansLog.Protocol;
using OrleansLog.TestKit;

namespace OrleansLog.Log.Tests;

/// <summary>
/// Log directories written by Apache Kafka 4.1 (tests/golden/logs), opened as they are: what a reference consumer read from
/// them is in <c>expected</c>.
/// </summary>
public class GoldenLogTests
{
    public static TheoryData<string, string> Partitions
    {
        get
        {
            var partitions = new TheoryData<string, string>();
            foreach (string state in (string[])["clean", "unclean", "torn"])
            {
                foreach (string path in System.IO.Directory.GetDirectories(Golden.PathOf("logs", state)))
                    partitions.Add(state, Path.GetFileName(path));
            }

            return partitions;
        }
    }

    [Theory]
    [MemberData(nameof(Partitions))]
    public void Our_log_reads_from_the_references_files_what_its_consumer_read(string state, string partition)
    {
        using var golden = new GoldenLog(state, partition);
        string file = $"{(state == "clean" ? "" : state + ".")}{golden.Name.Topic}.{(state == "clean" ? "uncommitted" : "recovered")}";
        if (!File.Exists(Path.Combine(Golden.Root, "logs", "expected", file + ".jsonl")))
            return;
        string[] expected = [.. Golden.Expected(file).Where(record => record.Partition == golden.Name.Partition).Select(Key)];
        Assert.Equal(expected, golden.Read().Select(Key));
        Assert.Empty(golden.Log.Damage);
    }

    [Theory]
    [MemberData(nameof(Partitions))]
    public void It_ends_where_the_reference_ended_and_appends_go_on_there(string state, string partition)
    {
        using var golden = new GoldenLog(state, partition);
        Assert.True(golden.Log.LogEndOffset >= golden.Context.HighWatermark);
        Assert.Equal(state == "clean", golden.Log.RecoveryReport.SegmentsScanned == 0);
        long end = golden.Log.LogEndOffset;
        AppendOutcome outcome = golden.Log.Append([Batches.Make(2, 10, 1)], 9, nowMs: 1, new long[1]);
        Assert.Equal((end, end + 2), (outcome.FirstOffset, outcome.LogEndOffset));
    }

    [Theory]
    [MemberData(nameof(Partitions))]
    public void Every_timestamp_finds_the_first_record_at_or_after_it(string state, string partition)
    {
        using var golden = new GoldenLog(state, partition);
        List<(long Offset, long TimestampMs)> records = [.. golden.Read(withControl: true).Select(record => (record.Offset, record.TimestampMs))];
        long[] asked = [.. records.SelectMany(record => (long[])[record.TimestampMs - 1, record.TimestampMs, record.TimestampMs + 1]).Distinct()];
        foreach (long timestamp in asked.Append(0).Append(long.MaxValue))
        {
            (long Offset, long TimestampMs) expected = records.Find(record => record.TimestampMs >= timestamp);
            TimestampSearch search = golden.Log.OffsetForTimestamp(timestamp);
            Assert.Equal(ErrorCode.None, search.Error);
            Assert.Equal(expected == default ? TimestampOffset.Unknown : new TimestampOffset(expected.TimestampMs, expected.Offset), search.Found);
        }
    }

    [Theory]
    [MemberData(nameof(Partitions))]
    public void Deleted_indexes_come_back_and_look_up_alike(string state, string partition)
    {
        using var golden = new GoldenLog(state, partition);
        var before = golden.LookUps();
        golden.Log.Close(clean: true);
        string[] indexes = [.. golden.Disk.Files(golden.Directory).Where(path => path.EndsWith("index", StringComparison.Ordinal) && !path.EndsWith("txnindex", StringComparison.Ordinal))];
        foreach (string path in indexes)
            golden.Disk.Delete(path);
        golden.Reopen(golden.Context with { WasCleanShutdown = true });
        Assert.Equal(before, golden.LookUps());
        golden.Log.Close(clean: true);
        Assert.Equal(indexes, golden.Disk.Files(golden.Directory).Where(indexes.Contains));
    }

    [Fact]
    public void Indexes_built_anew_are_the_references_byte_for_byte()
    {
        using var golden = new GoldenLog("clean", "segments-0", new LogSettings { IndexIntervalBytes = 1024, SegmentBytes = 16384 });
        foreach (string path in golden.Disk.Files(golden.Directory).Where(path => path.EndsWith("index", StringComparison.Ordinal)))
            golden.Disk.Delete(path);
        golden.Reopen(golden.Context with { WasCleanShutdown = false, RecoveryPoint = 0 });
        golden.Log.Close(clean: true);
        foreach (string path in golden.Disk.Files(golden.Directory).Where(path => path.EndsWith("index", StringComparison.Ordinal)))
            Assert.Equal(File.ReadAllBytes(Golden.PathOf("logs", "clean", "segments-0", Path.GetFileName(path))), golden.Disk.ReadAll(path));
    }

    [Fact]
    public void The_same_batches_appended_to_a_log_of_ours_make_the_same_files()
    {
        using var golden = new GoldenLog("clean", "segments-0");
        using var harness = new LogHarness(new LogSettings { IndexIntervalBytes = 1024, SegmentBytes = 16384 });
        harness.Open();
        for (long next = 0; next < golden.Log.LogEndOffset;)
        {
            using LogRead read = golden.Log.Read(next, 1, long.MaxValue, atLeastOneBatch: true);
            harness.Append(0, read.Data.ToArray());
            next = read.NextOffset;
        }

        harness.Log.Close(clean: true);
        foreach (string path in harness.Disk.Files(LogHarness.Directory))
            Assert.Equal(File.ReadAllBytes(Golden.PathOf("logs", "clean", "segments-0", Path.GetFileName(path))), harness.Disk.ReadAll(path));
    }

    [Fact]
    public void Where_the_reference_cuts_at_the_first_bad_batch_ours_keeps_what_lies_below_the_high_watermark()
    {
        // torn: its last segment lost 37 bytes above the high watermark of 1000. Both cut the torn batch and keep the rest.
        using (var torn = new GoldenLog("torn", "segments-0"))
            Assert.True(torn.Log.RecoveryReport.BytesCut > 0);

        // The same damage in the middle, where records were acknowledged: the reference drops every later segment; ours hides one batch.
        var disk = new MemoryDisk();
        using var golden = new GoldenLog("unclean", "segments-0", disk: disk, damage: files =>
        {
            string path = files.Single(file => file.EndsWith("00000000000000000480.log", StringComparison.Ordinal));
            byte[] bytes = disk.ReadAll(path);
            bytes[500] ^= 1;
            disk.WriteAll(path, bytes);
        }, recoveryPoint: 0);
        Assert.Equal(1300, golden.Log.LogEndOffset);
        LogDamage damage = Assert.Single(golden.Log.Damage);
        Assert.Equal((480, 490, DamageKind.ChecksumMismatch), (damage.FromOffset, damage.ToOffset, damage.Kind));
        using LogRead hidden = golden.Log.Read(485, 1, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal(ErrorCode.CorruptMessage, hidden.Error);
        using LogRead after = golden.Log.Read(490, 1, long.MaxValue, atLeastOneBatch: true);
        Assert.Equal(490, after.BaseOffset);
    }

    [Theory]
    [InlineData("clean")]
    [InlineData("unclean")]
    public void A_directory_of_the_reference_is_a_directory_of_ours(string state)
    {
        var disk = new MemoryDisk();
        GoldenLog.Load(disk, Golden.PathOf("logs", state), "/data");
        using LogDirectory directory = LogDirectory.Open(disk, "/data", new LogDirectoryIdentity(1, "AAAAAAAAAAAAAAAAAAAAAQ", Uuid.Zero, "boot"));
        Assert.Equal(("gY9EaYZGB4jBPW0P9o0rug", state == "clean", state == "clean" ? 9 : -1),
            (directory.DirectoryId.ToString(), directory.WasCleanShutdown, directory.PreviousBrokerEpoch));
        Assert.Equal(26, directory.HighWatermarks.Read().Count);
        Assert.Equal(217, directory.LogStartOffsets.Read()[new TopicPartitionName("deleted-records", 0)]);
        Assert.Equal("ct2Efv8TSPO1bcwhET7MBA", directory.ReadTopicId("/data/segments-0").ToString());
        Assert.Equal(System.IO.Directory.GetDirectories(Golden.PathOf("logs", state)).Length, directory.ListPartitions().Count);
    }

    private static string Key(GoldenRecord record) =>
        $"{record.Offset} {record.TimestampMs} {Show(record.Key)} {Show(record.Value)}";

    private static string Key((long Offset, long TimestampMs, byte[]? Key, byte[]? Value) record) =>
        $"{record.Offset} {record.TimestampMs} {Show(record.Key)} {Show(record.Value)}";

    private static string Show(byte[]? bytes) => bytes is null ? "null" : Convert.ToHexString(bytes);
}
