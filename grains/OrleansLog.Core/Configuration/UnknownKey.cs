namespace OrleansLog.Core.Configuration;

/// <summary>Finds what someone may have meant by a key that does not exist.</summary>
internal static class UnknownKey
{
    private const int MaxDistance = 3;
    private const int MaxNameLength = 128;

    /// <summary>The end of the sentence "expected ..." for an unknown key.</summary>
    public static string Expected(string name, IEnumerable<string> known, string what) =>
        Suggest(name, known) is { } suggestion
            ? $"the name of a {what} configuration; did you mean {suggestion}?"
            : $"the name of a {what} configuration; there is none of this name";

    /// <summary>The nearest known name, when one is near.</summary>
    public static string? Suggest(string name, IEnumerable<string> known)
    {
        if (name.Length > MaxNameLength)
        {
            return null;
        }

        return known
            .Select(k => (Name: k, Distance: Distance(name, k)))
            .Where(c => c.Distance <= MaxDistance)
            .OrderBy(c => c.Distance).ThenBy(c => c.Name, StringComparer.Ordinal)
            .Select(c => c.Name)
            .FirstOrDefault();
    }

    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > MaxDistance)
        {
            return int.MaxValue;
        }

        var previous = new int[b.Length + 1];
        var current = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            previous[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(substitution, Math.Min(previous[j], current[j - 1]) + 1);
            }

            (previous, current) = (current, previous);
        }

        return previous[b.Length];
    }
}
