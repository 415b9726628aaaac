using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Protocol.Tests.Records;

/// <summary>Segments that Apache Kafka 4.1 wrote (tests/golden/logs), read batch by batch.</summary>
public class GoldenLogTests
{
    private const long MaxDecompressedBytes = 1024 * 1024;

    /// <summary>Topics of the clean directory, each with what a read_uncommitted consumer read from it.</summary>
    public static TheoryData<string> CleanTopics { get; } = [.. Directory
        .EnumerateFiles(Golden.PathOf("logs", "expected"), "*.uncommitted.jsonl")
        .Select(file => Path.GetFileName(file).Replace(".uncommitted.jsonl", "", StringComparison.Ordinal))
        .Order()];

    public static TheoryData<string> Segments { get; } = [.. Golden.Segments()];

    [Theory]
    [MemberData(nameof(CleanTopics))]
    public void A_clean_topic_reads_as_the_reference_consumer_reads_it(string topic)
    {
        IReadOnlyList<GoldenRecord> expected = Golden.Expected(topic + ".uncommitted");

        List<GoldenRecord> actual = GoldenLog.ReadTopic("clean", topic);

        if (topic == "deleted-records") actual.RemoveAll(record => record.Offset < 217); // the log start offset is the log's business
        AssertSame(expected, actual);
    }

    [Theory]
    [InlineData("unclean", "codec-zstd")]
    [InlineData("unclean", "segments")]
    [InlineData("torn", "codec-zstd")]
    [InlineData("torn", "segments")]
    public void Whole_batches_of_an_unclean_log_read_as_the_reference_recovered_them(string state, string topic)
    {
        AssertSame(Golden.Expected($"{state}.{topic}.recovered"), GoldenLog.ReadTopic(state, topic));
    }

    [Theory]
    [MemberData(nameof(Segments))]
    public void Every_uncompressed_batch_encodes_back_to_the_same_bytes(string segment)
    {
        foreach (ReadOnlyMemory<byte> batch in GoldenLog.Batches(segment))
        {
            _ = RecordBatchHeader.TryRead(batch.Span, out RecordBatchHeader header);
            if (header.Codec != CompressionCodec.None) continue;

            Assert.Equal(Convert.ToHexString(batch.Span), Convert.ToHexString(GoldenLog.EncodeAgain(batch)));
        }
    }

    [Theory]
    [MemberData(nameof(Segments))]
    public void Every_compressed_batch_keeps_its_records_through_our_compressor(string segment)
    {
        foreach (ReadOnlyMemory<byte> batch in GoldenLog.Batches(segment))
        {
            _ = RecordBatchHeader.TryRead(batch.Span, out RecordBatchHeader header);
            if (header.Codec == CompressionCodec.None) continue;

            byte[] again = GoldenLog.EncodeAgain(batch);

            using BatchRecords? records = BatchRecords.Open(again, MaxDecompressedBytes, out ErrorCode error);
            Assert.Equal(ErrorCode.None, error);
            Assert.Equal(Comparable(header), Comparable(records!.Header));
            AssertSame(GoldenLog.ReadBatch(batch, 0), GoldenLog.ReadBatch(again, 0));
        }
    }

    [Fact]
    public void Control_batches_are_recognised_as_the_dump_tool_names_them()
    {
        string dump = File.ReadAllText(Golden.PathOf("logs", "dump", "transactions-0.txt"));
        List<EndTransactionMarker> markers = [];
        foreach (ReadOnlyMemory<byte> batch in Golden.Segments("clean/transactions-0").SelectMany(GoldenLog.Batches))
        {
            using BatchRecords records = BatchRecords.Open(batch, MaxDecompressedBytes, out _)!;
            if (!records.Header.IsControl) continue;
            foreach (ref readonly Record record in records)
            {
                Assert.True(ControlRecords.TryParseEndMarker(record, out EndTransactionMarker marker));
                markers.Add(marker);
            }
        }

        string[] expected = [.. dump.Split('\n').Where(line => line.Contains("endTxnMarker: ", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf("endTxnMarker: ", StringComparison.Ordinal)..].Trim())];
        Assert.NotEmpty(expected);
        Assert.Equal(expected, markers.Select(marker =>
            $"endTxnMarker: {(marker.Type == ControlRecordType.Commit ? "COMMIT" : "ABORT")} coordinatorEpoch: {marker.CoordinatorEpoch}"));
    }

    // Length and CRC follow the compressor, which leaves what does not shrink as it is. Under LogAppendTime readers no longer see the producer's times, which the base is from.
    private static RecordBatchHeader Comparable(RecordBatchHeader header) => header with
    {
        Crc = 0,
        BatchLength = 0,
        Attributes = (short)(header.Attributes & ~7),
        BaseTimestamp = header.TimestampType == TimestampType.LogAppendTime ? 0 : header.BaseTimestamp,
    };

    private static void AssertSame(IReadOnlyList<GoldenRecord> expected, IReadOnlyList<GoldenRecord> actual)
    {
        Assert.Equal(expected.Select(record => record.ToString()), actual.Select(record => record.ToString()));
    }
}
