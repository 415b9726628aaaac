using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace OrleansLog.Protocol;

/// <summary>Which topic names are legal: 1 to 249 characters of a-z, A-Z, 0-9, '.', '_' and '-', but not "." or "..".</summary>
public static class TopicNames
{
    /// <summary>The longest legal name; with "-4294967295" behind it, it still fits a file name.</summary>
    public const int MaxLength = 249;

    private static readonly SearchValues<char> Legal =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Whether the name is legal; if not, <paramref name="reason"/> says why in a sentence for the user.</summary>
    public static bool IsValid([NotNullWhen(true)] string? name, [NotNullWhen(false)] out string? reason)
    {
        reason = Explain(name);
        return reason is null;
    }

    /// <summary>
    /// Whether two different names become equal where '.' and '_' are not told apart, as in metric names. Such a pair is not
    /// allowed in one cluster.
    /// </summary>
    public static bool CollidesWith(string a, string b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Length != b.Length || a == b) return false;
        for (int i = 0; i < a.Length; i++)
        {
            if (Fold(a[i]) != Fold(b[i])) return false;
        }

        return true;
    }

    /// <summary>Whether the name has a character that can collide, so that creating the topic deserves a look at the others.</summary>
    public static bool HasCollidingCharacters(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.AsSpan().ContainsAny('.', '_');
    }

    private static char Fold(char c) => c == '.' ? '_' : c;

    private static string? Explain(string? name)
    {
        if (string.IsNullOrEmpty(name)) return "A topic name must not be empty.";
        if (name is "." or "..") return $"'{name}' is not a topic name: it would be a directory of its own kind.";
        if (name.Length > MaxLength) return $"The topic name has {name.Length} characters; {MaxLength} are allowed.";
        int bad = name.AsSpan().IndexOfAnyExcept(Legal);
        if (bad < 0) return null;
        string shown = char.IsControl(name[bad]) || char.IsSurrogate(name[bad]) ? $"U+{(int)name[bad]:X4}" : $"'{name[bad]}'";
        return $"The topic name has the character {shown} at position {bad}; only letters, digits, '.', '_' and '-' are allowed.";
    }
}
