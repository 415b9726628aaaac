using System.CommandLine;
using System.Globalization;

namespace OrleansLog.Cli;

/// <summary><c>--watch</c>: showing the same again and again.</summary>
internal static class Watching
{
    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    public static Option<string?> Option()
    {
        var watch = new Option<string?>("--watch", "-w")
        {
            Description = "Show it again and again, until Ctrl-C; with a pause other than 2s: --watch 500ms",
            HelpName = "TIME",
            Arity = ArgumentArity.ZeroOrOne,
        };
        watch.Validators.Add(static result =>
        {
            if (result.Tokens is [var token, ..] && !TryParse(token.Value, out _))
            {
                result.AddError($"--watch: '{token.Value}' is not a length of time up to a day; write 500ms, 2s or 1m");
            }
        });
        return watch;
    }

    /// <summary>How long to wait between two pictures; null where one is enough.</summary>
    public static TimeSpan? PauseOf(Invocation invocation, Option<string?> watch) => invocation.Parsed.GetResult(watch) switch
    {
        null => null,
        { Tokens: [var token, ..] } when TryParse(token.Value, out var pause) => pause,
        _ => DefaultPause,
    };

    // A bare number counts seconds, as watch -n has it.
    private static bool TryParse(string text, out TimeSpan pause)
    {
        var isSeconds = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
        return Timestamps.TryParseDuration(isSeconds ? text + "s" : text, out pause) && pause > TimeSpan.Zero && pause <= LongestPause;
    }
}
