using CsCheck;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Protocol.Tests.Records;

/// <summary>The parser for short numbers reads without asking for the end each time: it must never say anything of its own.</summary>
public class RecordFrameTests
{
    [Fact]
    public void What_the_fast_parser_accepts_the_careful_one_reads_alike() =>
        Gen.Select(TestRecord.Batch, Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte).Array[0, 6]).Sample(
            (records, changes) =>
            {
                byte[] payload = TestRecord.Encode(records)[RecordBatchHeader.Size..];
                foreach ((int where, byte with) in changes) payload[where % payload.Length] = with;
                for (int position = 0; position <= payload.Length - 13; position += 1 + (position % 7)) AgreesAt(payload, position);
            },
            iter: 300);

    [Fact]
    public void Ordinary_records_take_the_fast_parser()
    {
        byte[] payload = TestRecord.Encode(TestRecord.Some(3))[RecordBatchHeader.Size..];
        Assert.Equal(1, AgreesAt(payload, 0));
    }

    private static int AgreesAt(byte[] payload, int position)
    {
        RecordFrame fast = default;
        if (!RecordFrame.TryParseShort(payload, position, ref fast)) return 0;
        RecordFrame careful = default;
        Assert.True(RecordFrame.TryParseAny(payload, position, ref careful));
        Assert.Equal(careful, fast);
        Assert.InRange(fast.HeadersStart, position, fast.End);
        Assert.InRange(fast.End, position, payload.Length);
        return 1;
    }
}
