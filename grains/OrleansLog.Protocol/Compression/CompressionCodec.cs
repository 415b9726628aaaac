using System.Diagnostics.CodeAnalysis;

namespace OrleansLog.Protocol.Compression;

/// <summary>How the records of a batch are compressed; the lowest three bits of a batch's attributes.</summary>
public enum CompressionCodec : byte
{
    /// <summary>Not compressed.</summary>
    None = 0,

    /// <summary>gzip (RFC 1952).</summary>
    Gzip = 1,

    /// <summary>Snappy: written in xerial's framing, as Java does; read in that framing or raw, as librdkafka writes it.</summary>
    Snappy = 2,

    /// <summary>LZ4 frames with independent blocks.</summary>
    Lz4 = 3,

    /// <summary>Zstandard.</summary>
    Zstd = 4,
}

/// <summary>Names and ranges of the codecs, as in <c>compression.type</c> and <c>compression.*.level</c>.</summary>
public static class CompressionCodecs
{
    private static readonly string[] Names = ["none", "gzip", "snappy", "lz4", "zstd"];

    /// <summary>Every codec.</summary>
    public static IReadOnlyList<CompressionCodec> All { get; } =
        [CompressionCodec.None, CompressionCodec.Gzip, CompressionCodec.Snappy, CompressionCodec.Lz4, CompressionCodec.Zstd];

    /// <summary>none, gzip, snappy, lz4 or zstd.</summary>
    public static string Name(this CompressionCodec codec) =>
        codec.IsKnown() ? Names[(int)codec] : $"unknown({(int)codec})";

    /// <summary>Whether the number is one of the five; a batch's three bits can also say 5, 6 or 7.</summary>
    public static bool IsKnown(this CompressionCodec codec) => (int)codec < Names.Length;

    /// <summary>Finds a codec by name; "uncompressed" is <see cref="CompressionCodec.None"/>, as in topic configuration.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out CompressionCodec codec)
    {
        int found = Array.IndexOf(Names, name == "uncompressed" ? "none" : name);
        codec = found < 0 ? CompressionCodec.None : (CompressionCodec)found;
        return found >= 0;
    }

    /// <summary>Whether the codec takes this level: gzip 1 to 9, lz4 1 to 17, zstd -131072 to 22; the others have none.</summary>
    public static bool IsValidLevel(this CompressionCodec codec, int level) => codec switch
    {
        CompressionCodec.Gzip => level is -1 or (>= 1 and <= 9),
        CompressionCodec.Lz4 => level is >= 1 and <= 17,
        CompressionCodec.Zstd => level is >= -131072 and <= 22,
        _ => false,
    };
}
