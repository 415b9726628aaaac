using System.Globalization;

namespace OrleansLog.Cluster.Member;

/// <summary>Values that are unique, of many sizes, and can be checked byte by byte: an id, and a padding that follows from it.</summary>
public static class Payload
{
    private static readonly string Padding = string.Create(600, 0, (text, _) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = (char)('a' + (i * 7 % 26));
        }
    });

    public static string Id(int producer, long sequence) => string.Create(CultureInfo.InvariantCulture, $"{producer}:{sequence}");

    public static string Value(int producer, long sequence) => $"{Id(producer, sequence)}:{PaddingOf(sequence)}";

    /// <summary>The id that a value carries, or what is wrong with it.</summary>
    public static string IdOf(string? value)
    {
        var parts = value?.Split(':') ?? [];
        return parts.Length == 3 && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var sequence) && PaddingOf(sequence).SequenceEqual(parts[2])
            ? $"{parts[0]}:{parts[1]}"
            : $"damaged-{value?.Length ?? -1}";
    }

    private static ReadOnlySpan<char> PaddingOf(long sequence) => Padding.AsSpan(0, (int)(sequence * 7919 % Padding.Length));
}
