using CsCheck;
using OrleansLog.TestKit;

namespace OrleansLog.Protocol.Tests;

public class VarintTests
{
    [Fact]
    public void Golden_varints_are_ours()
    {
        Span<byte> bytes = stackalloc byte[Varint.MaxSize64];
        foreach (var line in Golden.Lines("values", "varints.jsonl"))
        {
            int value = line.GetProperty("value").GetInt32();
            long longValue = line.GetProperty("longValue").GetInt64();
            Assert.Equal(line.GetProperty("varint").GetString(), Hex(bytes[..Varint.Write(bytes, value)]));
            Assert.Equal(line.GetProperty("unsignedVarint").GetString(), Hex(bytes[..Varint.WriteUnsigned(bytes, (uint)value)]));
            Assert.Equal(line.GetProperty("varlong").GetString(), Hex(bytes[..Varint.Write64(bytes, longValue)]));
        }
    }

    [Fact]
    public void Every_int_comes_back_in_the_size_that_was_announced() =>
        Gen.Int.Sample(value =>
        {
            byte[] bytes = new byte[Varint.MaxSize32];
            int written = Varint.Write(bytes, value);
            return written == Varint.SizeOf(value) && Varint.Read(bytes, out int read) == written && read == value;
        });

    [Fact]
    public void Every_long_comes_back_in_the_size_that_was_announced() =>
        Gen.Long.Sample(value =>
        {
            byte[] bytes = new byte[Varint.MaxSize64];
            int written = Varint.Write64(bytes, value);
            return written == Varint.SizeOf64(value) && Varint.Read64(bytes, out long read) == written && read == value;
        });

    [Fact]
    public void A_value_that_ends_early_is_not_read() =>
        Gen.Long.Sample(value =>
        {
            byte[] bytes = new byte[Varint.MaxSize64];
            int written = Varint.Write64(bytes, value);
            for (int cut = 0; cut < written; cut++)
            {
                if (Varint.Read64(bytes.AsSpan(0, cut), out _) != 0) return false;
            }

            return true;
        });

    [Theory]
    [InlineData("ffffffffff0f")] // six bytes
    [InlineData("ffffffff1f")] // a 33rd bit
    [InlineData("")]
    public void What_does_not_fit_an_int_is_not_read(string hex) =>
        Assert.Equal(0, Varint.ReadUnsigned(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData("ffffffffffffffffffff01")] // eleven bytes
    [InlineData("ffffffffffffffffff02")] // a 65th bit
    public void What_does_not_fit_a_long_is_not_read(string hex) =>
        Assert.Equal(0, Varint.ReadUnsigned64(Convert.FromHexString(hex), out _));

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
