using OrleansLog.Protocol.Compression;

namespace OrleansLog.Protocol.Tests.Compression;

public class CompressionCodecsTests
{
    [Fact]
    public void Names_and_numbers_are_Kafka_s()
    {
        Assert.Equal(["none", "gzip", "snappy", "lz4", "zstd"], CompressionCodecs.All.Select(codec => codec.Name()));
        Assert.Equal([0, 1, 2, 3, 4], CompressionCodecs.All.Select(codec => (int)codec));
        foreach (CompressionCodec codec in CompressionCodecs.All)
        {
            Assert.True(CompressionCodecs.TryParse(codec.Name(), out CompressionCodec found));
            Assert.Equal(codec, found);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("GZIP")]
    [InlineData("brotli")]
    public void Other_names_are_not_codecs(string? name) => Assert.False(CompressionCodecs.TryParse(name, out _));

    [Theory]
    [InlineData(CompressionCodec.Gzip, 9, true)]
    [InlineData(CompressionCodec.Gzip, 10, false)]
    [InlineData(CompressionCodec.Lz4, 17, true)]
    [InlineData(CompressionCodec.Lz4, 0, false)]
    [InlineData(CompressionCodec.Zstd, -5, true)]
    [InlineData(CompressionCodec.Zstd, 23, false)]
    [InlineData(CompressionCodec.Snappy, 1, false)]
    [InlineData(CompressionCodec.None, 1, false)]
    public void Levels_have_bounds(CompressionCodec codec, int level, bool isValid) => Assert.Equal(isValid, codec.IsValidLevel(level));
}
