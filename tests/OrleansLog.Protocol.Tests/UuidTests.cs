using CsCheck;
using OrleansLog.TestKit;

namespace OrleansLog.Protocol.Tests;

public class UuidTests
{
    [Fact]
    public void Golden_uuids_are_ours()
    {
        foreach (var line in Golden.Lines("values", "uuids.jsonl"))
        {
            string text = line.GetProperty("text").GetString()!;
            var uuid = Uuid.Parse(text);
            byte[] bytes = new byte[Uuid.Size];
            uuid.Write(bytes);
            Assert.Equal(line.GetProperty("bytes").GetString(), Convert.ToHexStringLower(bytes));
            Assert.Equal(text, uuid.ToString());
            Assert.Equal(uuid, new Uuid(bytes));
        }
    }

    [Fact]
    public void A_guid_has_the_same_bytes_in_the_order_of_its_text()
    {
        var value = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");

        var uuid = Uuid.FromGuid(value);

        Assert.Equal(0x0011223344556677UL, uuid.High);
        Assert.Equal(value, uuid.ToGuid());
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA")] // 21
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA")] // 23
    [InlineData("AAAAAAAAAAAAAAAAAAAA+A")] // base64, not base64url
    [InlineData("AAAAAAAAAA AAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAÄ")]
    public void What_is_not_a_uuid_is_not_parsed(string text)
    {
        Assert.False(Uuid.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Uuid.Parse(text));
    }

    [Fact]
    public void Random_uuids_are_of_version_4_and_never_look_like_an_option() =>
        Gen.Byte.Array[Uuid.Size].Sample(random =>
        {
            var uuid = Uuid.FromRandomBytes(random);
            Guid value = uuid.ToGuid();
            return value.Version == 4 && (value.Variant & 0xC) == 8 && !uuid.ToString().StartsWith('-') && Uuid.Parse(uuid.ToString()) == uuid;
        });

    [Fact]
    public void Uuids_sort_by_their_bytes()
    {
        Assert.True(new Uuid(1, 0) > new Uuid(0, ulong.MaxValue));
        Assert.True(new Uuid(0, 1) > Uuid.Zero);
        Assert.True(Uuid.Zero.IsZero);
    }
}
