using CsCheck;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Protocol.Tests.Records;

/// <summary>A record to put into a batch, and what is expected to come out again.</summary>
internal sealed record TestRecord(long TimestampMs, byte[]? Key, byte[]? Value, RecordHeader[] Headers)
{
    private const long SomeTimeMs = 1_700_000_000_000;

    private static readonly Gen<byte[]?> Bytes = Gen.Frequency(
        (1, Gen.Const((byte[]?)null)),
        (1, Gen.Const((byte[]?)[])),
        (6, Gen.Byte.Array[1, 150].Select(bytes => (byte[]?)bytes)),
        (2, Gen.Select(Gen.Byte, Gen.Int[100, 20_000]).Select((fill, length) => (byte[]?)Filled(fill, length))));

    private static readonly Gen<RecordHeader> Header = Gen.Select(Gen.String[0, 10], Gen.Byte.Array[0, 70], Gen.Bool)
        .Select((key, value, isNull) => isNull ? new RecordHeader(Legal(key)) : new RecordHeader(Legal(key), value));

    private static readonly Gen<RecordHeader[]> SomeHeaders = Gen.Frequency((4, Gen.Const(Array.Empty<RecordHeader>())), (1, Header.Array[1, 5]));

    public static Gen<TestRecord> Any { get; } =
        Gen.Select(Gen.Frequency((9, Gen.Long[SomeTimeMs - 100_000, SomeTimeMs + 100_000]), (1, Gen.Long)), Bytes, Bytes, SomeHeaders)
            .Select((timestamp, key, value, headers) => new TestRecord(timestamp, key, value, headers));

    public static Gen<TestRecord[]> Batch { get; } = Any.Array[1, 40];

    public static Gen<CompressionCodec> AnyCodec { get; } = Gen.Int[0, CompressionCodecs.All.Count - 1].Select(i => CompressionCodecs.All[i]);

    public static byte[] Encode(IEnumerable<TestRecord> records, CompressionCodec codec = CompressionCodec.None, int? level = null)
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions
        {
            Codec = codec,
            CompressionLevel = level,
            CapacityBytes = 8 * 1024 * 1024,
        });
        foreach (TestRecord record in records) Assert.True(record.AppendTo(builder));
        return builder.Build().ToArray();
    }

    /// <summary>Some records that compress well.</summary>
    public static TestRecord[] Some(int count = 10) =>
    [
        .. Enumerable.Range(0, count).Select(i =>
            new TestRecord(SomeTimeMs + i, [(byte)i], Filled((byte)i, 100), i % 4 == 0 ? [new RecordHeader("h", Filled(1, 3))] : [])),
    ];

    public bool AppendTo(RecordBatchBuilder builder) => builder.TryAppend(TimestampMs, Key, Key is null, Value, Value is null, Headers);

    /// <summary>Checks that a batch has exactly these records.</summary>
    public static void AssertReads(IReadOnlyList<TestRecord> expected, ReadOnlyMemory<byte> batch)
    {
        using BatchRecords? records = BatchRecords.Open(batch, 64 * 1024 * 1024, out ErrorCode error);
        Assert.Equal(ErrorCode.None, error);
        Assert.Equal(expected.Count, records!.Count);
        int i = 0;
        foreach (ref readonly Record record in records)
        {
            TestRecord wanted = expected[i];
            Assert.Equal(records.Header.BaseOffset + i++, record.Offset);
            Assert.Equal(wanted.TimestampMs, record.TimestampMs);
            Assert.Equal(wanted.Key, record.IsKeyNull ? null : record.Key.ToArray());
            Assert.Equal(wanted.Value, record.IsValueNull ? null : record.Value.ToArray());
            Assert.Equal(wanted.Headers.Select(Show), record.Headers.ToArray().Select(Show));
        }

        Assert.Equal(expected.Count, i);
    }

    public override string ToString() => $"{TimestampMs} key={Key?.Length} value={Value?.Length} headers={Headers.Length}";

    private static string Show(RecordHeader header) =>
        $"{header.Key}:{(header.ValueIsNull ? "null" : Convert.ToHexString(header.Value.Span))}";

    private static byte[] Filled(byte fill, int length)
    {
        byte[] bytes = new byte[length];
        Array.Fill(bytes, fill);
        return bytes;
    }

    // Half a surrogate pair is no text, and UTF-8 cannot keep it.
    private static string Legal(string text) => new([.. text.Where(c => !char.IsSurrogate(c))]);
}
