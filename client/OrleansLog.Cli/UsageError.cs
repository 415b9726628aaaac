using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace OrleansLog.Cli;

/// <summary>What is wrong with a command line, in one sentence.</summary>
internal static partial class UsageError
{
    private const int FarthestTypo = 2;

    /// <summary>The sentence; null where nothing is wrong.</summary>
    public static string? Of(ParseResult parsed) =>
        StrayOption(parsed) is { } stray ? $"{Unknown(parsed, stray)}; see '{PathOf(parsed)} --help'"
        : parsed.Errors.Count > 0 ? $"{Explain(parsed)}; see '{PathOf(parsed)} --help'"
        : null;

    /// <summary>What looks like an option and was taken for a name: nothing that begins with a dash is one, except behind <c>--</c>.</summary>
    private static string? StrayOption(ParseResult parsed)
    {
        var dashed = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .Where(token => token is { Type: TokenType.Argument, Value: ['-', _, ..] })
            .Select(token => token.Value).ToHashSet(StringComparer.Ordinal);
        return dashed.Count == 0
            ? null
            : parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
                .Select(token => token.Value).Concat(parsed.UnmatchedTokens).FirstOrDefault(dashed.Contains);
    }

    private static string Unknown(ParseResult parsed, string stray)
    {
        var name = stray.Split('=')[0];
        var near = Options(parsed).SelectMany(option => option.Aliases.Append(option.Name)).Where(known => known.StartsWith("--", StringComparison.Ordinal))
            .Select(known => (Name: known, Distance: known.StartsWith(name, StringComparison.Ordinal) && name.Length > 2 ? 0 : Distance(name, known)))
            .Where(known => known.Distance <= FarthestTypo).OrderBy(known => known.Distance).Select(known => known.Name).FirstOrDefault();
        return near is null
            ? $"'{name}' is no option of this command, and a name that begins with a dash goes behind --"
            : $"'{name}' is no option of this command; did you mean {near}?";
    }

    private static IEnumerable<Option> Options(ParseResult parsed)
    {
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult command; at = at.Parent)
        {
            foreach (var option in command.Command.Options.Where(option => option.Recursive || command == parsed.CommandResult))
            {
                yield return option;
            }
        }
    }

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

    // "Required command was not provided" is true for a mistyped one too, but says less.
    private static string Explain(ParseResult parsed)
    {
        var messages = parsed.Errors.Select(error => string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        var message = messages.FirstOrDefault(message => parsed.UnmatchedTokens.Any(token => message.Contains($"'{token}'", StringComparison.Ordinal)))
            ?? messages.First();
        message = WithoutTypes(message).TrimEnd('.', ' ');
        return char.ToLowerInvariant(message[0]) + message[1..];
    }

    /// <summary>The parser names the types of .NET; whoever types a command line counts in numbers.</summary>
    private static string WithoutTypes(string message)
    {
        if (WrongType().Match(message) is not { Success: true } match)
        {
            return message;
        }

        var type = match.Groups["type"].Value;
        var wanted = type.Contains("Int", StringComparison.Ordinal) ? "a whole number"
            : type.Contains("Double", StringComparison.Ordinal) || type.Contains("Decimal", StringComparison.Ordinal) ? "a number"
            : type.Contains("Boolean", StringComparison.Ordinal) ? "true or false"
            : "what belongs there";
        return $"{match.Groups["symbol"].Value}: '{match.Groups["value"].Value}' is not {wanted}";
    }

    private static string PathOf(ParseResult parsed)
    {
        var path = new Stack<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult command; at = at.Parent)
        {
            path.Push(command.Command is RootCommand ? "olog" : command.Command.Name);
        }

        return string.Join(' ', path);
    }

    [GeneratedRegex("^Cannot parse argument '(?<value>.*)' for (option|command) '(?<symbol>[^']*)' as expected type '(?<type>[^']*(?:'[^']*)?)'")]
    private static partial Regex WrongType();
}
