using OrleansLog.Protocol;

namespace OrleansLog.Core.Configuration;

/// <summary>Finds what someone may have meant by a key that does not exist.</summary>
internal static class UnknownKey
{
    /// <summary>The end of the sentence "expected ..." for an unknown key.</summary>
    public static string Expected(string name, IEnumerable<string> known, string what) =>
        Suggest(name, known) is { } suggestion
            ? $"the name of a {what} configuration; did you mean {suggestion}?"
            : $"the name of a {what} configuration; there is none of this name";

    /// <summary>The nearest known name, when one is near.</summary>
    public static string? Suggest(string name, IEnumerable<string> known) => EditDistance.Nearest(name, known);
}
