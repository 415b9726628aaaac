using CsCheck;
using OrleansLog.TestKit;

namespace OrleansLog.Protocol.Tests;

public class Crc32CTests
{
    [Fact]
    public void Golden_checksums_are_ours()
    {
        foreach (var line in Golden.Lines("values", "keys.jsonl"))
        {
            byte[] bytes = Convert.FromHexString(line.GetProperty("bytes").GetString()!);
            Assert.Equal(line.GetProperty("crc32c").GetUInt32(), Crc32C.Compute(bytes));
        }
    }

    [Fact]
    public void The_check_value_of_the_polynomial_comes_out() => Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));

    // Lengths around both lane sizes (256 and 4096 bytes, three lanes each) and starts that are not aligned.
    [Fact]
    public void Every_length_and_alignment_agrees_with_the_definition() =>
        Gen.Select(Gen.Int[0, 30_000], Gen.Int[0, 16], Gen.UInt).Sample(
            (length, start, seed) =>
            {
                byte[] bytes = new byte[start + length];
                new Random((int)seed).NextBytes(bytes);
                return Crc32C.Compute(bytes.AsSpan(start)) == ByDefinition(bytes.AsSpan(start));
            },
            iter: 500);

    [Fact]
    public void A_checksum_continued_is_the_checksum_of_the_whole() =>
        Gen.Select(Gen.Byte.Array[0, 5_000], Gen.Byte.Array[0, 20_000]).Sample(
            (first, second) =>
                Crc32C.Append(Crc32C.Compute(first), second) == Crc32C.Compute([.. first, .. second]),
            iter: 300);

    private static uint ByDefinition(ReadOnlySpan<byte> bytes)
    {
        uint state = uint.MaxValue;
        foreach (byte b in bytes)
        {
            state ^= b;
            for (int bit = 0; bit < 8; bit++) state = (state >> 1) ^ (0x82F63B78u & (0u - (state & 1)));
        }

        return ~state;
    }
}
