namespace OrleansLog.Cli;

/// <summary>What somebody may have meant who mistyped a word.</summary>
internal static class Suggestions
{
    private const int FarthestTypo = 2;

    /// <summary>The nearest of the known words: one that goes on from what was typed, or differs in two letters at most; null where none is near.</summary>
    public static string? Near(string typed, IEnumerable<string> known, int shortestBeginning) => known
        .Select(word => (Word: word, Distance: typed.Length >= shortestBeginning && word.StartsWith(typed, StringComparison.Ordinal) ? 0 : Distance(typed, word)))
        .Where(near => near.Distance <= FarthestTypo && near.Distance < near.Word.Length - 1)
        .OrderBy(static near => near.Distance).Select(static near => near.Word).FirstOrDefault();

    /// <summary>How many letters have to be put in, taken out or changed (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
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
}
