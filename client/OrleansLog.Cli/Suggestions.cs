using OrleansLog.Protocol;

namespace OrleansLog.Cli;

/// <summary>What somebody may have meant who mistyped a word.</summary>
internal static class Suggestions
{
    private const int FarthestTypo = 2;

    /// <summary>The nearest of the known words: one that goes on from what was typed, or differs in two letters at most; null where none is near.</summary>
    public static string? Near(string typed, IEnumerable<string> known, int shortestBeginning) => known
        .Select(word => (Word: word, Distance: typed.Length >= shortestBeginning && word.StartsWith(typed, StringComparison.Ordinal) ? 0 : EditDistance.Between(typed, word)))
        .Where(near => near.Distance <= FarthestTypo && near.Distance < near.Word.Length - 1)
        .OrderBy(static near => near.Distance).Select(static near => near.Word).FirstOrDefault();
}
