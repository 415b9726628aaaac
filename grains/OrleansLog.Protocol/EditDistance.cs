namespace OrleansLog.Protocol;

/// <summary>How far a mistyped word is from one that somebody may have meant.</summary>
public static class EditDistance
{
    private const int LongestWord = 128;

    /// <summary>How many letters have to be put in, taken out or changed to make one word of another (Levenshtein's distance). Takes time by the product of their lengths.</summary>
    /// <param name="a">A word.</param>
    /// <param name="b">Another one.</param>
    public static int Between(string a, string b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }

    /// <summary>The known word that is nearest to a mistyped one; null where none is near, and for words of more than 128 letters.</summary>
    /// <param name="word">The mistyped word.</param>
    /// <param name="known">What somebody may have meant.</param>
    /// <param name="ignoreCase">Whether capitals make no difference.</param>
    /// <param name="farthest">How many letters may differ: 0 or more.</param>
    public static string? Nearest(string word, IEnumerable<string> known, bool ignoreCase = false, int farthest = 3)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(known);
        return word.Length > LongestWord ? null : known
            .Where(other => Math.Abs(other.Length - word.Length) <= farthest)
            .Select(other => (Word: other, Distance: Between(Comparable(word), Comparable(other))))
            .Where(near => near.Distance <= farthest)
            .OrderBy(static near => near.Distance).ThenBy(static near => near.Word, StringComparer.Ordinal)
            .Select(static near => near.Word)
            .FirstOrDefault();

        string Comparable(string text) => ignoreCase ? text.ToUpperInvariant() : text;
    }
}
