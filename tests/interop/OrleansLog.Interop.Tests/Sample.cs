using System.Text;
using System.Text.Json.Serialization;

namespace Interop.Tests;

/// <summary>A record as it is sent and must come back. Null and empty are different.</summary>
public sealed record Rec
{
    [JsonPropertyName("o")] public long Offset { get; init; }

    [JsonPropertyName("k")] public byte[]? Key { get; init; }

    [JsonPropertyName("v")] public byte[]? Value { get; init; }

    /// <summary>Pairs of name and value in base64, or null.</summary>
    [JsonPropertyName("h")] public string?[][] Headers { get; init; } = [];

    [JsonPropertyName("t")] public long Timestamp { get; init; }

    /// <summary>All of it as text, to compare and to show; long values by length and hash.</summary>
    public string Describe() =>
        $"{Offset} t={Timestamp} k={Show(Key)} v={Show(Value)} h=[{string.Join(", ", Headers.Select(header => $"{header[0]}={header[1] ?? "null"}"))}]";

    private static string Show(byte[]? bytes) => bytes switch
    {
        null => "null",
        { Length: > 64 } => $"{bytes.Length} bytes {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes))[..16]}",
        _ => Convert.ToHexString(bytes) + ".",
    };
}

/// <summary>What the tests send.</summary>
public static class Sample
{
    private const long Start = 1_700_000_000_123;

    /// <summary>Nulls, empty ones, headers, timestamps out of order, a record of 700 kB, as far as the client can say them.</summary>
    public static Rec[] Records(ClientTraits traits)
    {
        var random = new Random(42);
        var noise = new byte[700_000];
        random.NextBytes(noise);
        string?[][] headers = [["empty", traits.Empties ? "" : Base64("not")], ["\u00fcn\u00efc\u00f6de", Base64("\u00e9")], ["trace", Base64("abc")]];
        if (traits.DuplicateHeaders)
            headers = [.. headers, ["trace", Base64("again")]];
        if (traits.NullHeaders)
            headers = [.. headers, ["none", null]];

        Rec[] all =
        [
            Of("key", "value"),
            Of("key", null),
            traits.Empties ? Of("", "") : Of("key", "not empty"),
            Of(null, "without key"),
            Of("key", "with headers") with { Headers = headers },
            Of("old", "an earlier time") with { Timestamp = Start - 86_400_000 },
            Of("big", null) with { Value = noise },
            Of("repetitive", new string('x', 200_000)),
        ];
        return Number(all);
    }

    /// <summary>A record as large as clients send without being told to.</summary>
    public static Rec Largest()
    {
        var bytes = new byte[990_000];
        new Random(3).NextBytes(bytes);
        return Of("largest", null) with { Value = bytes };
    }

    /// <summary>Many records of a kibibyte: several large batches.</summary>
    public static Rec[] Many(int count = 3_000)
    {
        var random = new Random(7);
        return Number([.. Enumerable.Range(0, count).Select(number =>
        {
            var value = new byte[1_024];
            random.NextBytes(value.AsSpan(0, 300));
            return Of($"{number}", null) with { Value = value };
        })]);
    }

    public static Rec Of(string? key, string? value) => new() { Key = Bytes(key), Value = Bytes(value), Timestamp = Start };

    private static Rec[] Number(Rec[] records) => [.. records.Select((record, index) => record with { Offset = index })];

    private static byte[]? Bytes(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
