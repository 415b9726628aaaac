namespace Interop.Tests;

/// <summary>What a client can do; the tests ask it for no more.</summary>
public sealed record ClientTraits
{
    public required string Client { get; init; }

    public string[] Codecs { get; init; } = ["none", "gzip", "snappy", "lz4", "zstd"];

    /// <summary>It sends an empty key or value as empty, not as null.</summary>
    public bool Empties { get; init; } = true;

    /// <summary>It sends headers with a null value.</summary>
    public bool NullHeaders { get; init; } = true;

    /// <summary>It has headers of the same name.</summary>
    public bool DuplicateHeaders { get; init; } = true;

    /// <summary>It reads snappy in the framing that Java and the SDK write, beside the bare form of librdkafka.</summary>
    public bool FramedSnappy { get; init; } = true;

    /// <summary>Idempotent production.</summary>
    public bool Idempotent { get; init; } = true;

    /// <summary>It can read a topic's configuration.</summary>
    public bool Configs { get; init; } = true;
}
