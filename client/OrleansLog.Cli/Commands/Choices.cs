using System.CommandLine;

namespace OrleansLog.Cli;

/// <summary>Options that take one of a few words.</summary>
internal static class Choices
{
    /// <summary>Refuses every other word, and offers these to the shell's completion. What is understood beside them is not offered.</summary>
    public static void TakeOneOf<T>(this Option<T> option, string[] words, params string[] alsoUnderstood)
    {
        option.CompletionSources.Add(words);
        option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => !words.Contains(token.Value) && !alsoUnderstood.Contains(token.Value)) is { } wrong)
            {
                result.AddError($"{option.Name}: '{wrong.Value}' is none of {string.Join(", ", words)}");
            }
        });
    }
}
