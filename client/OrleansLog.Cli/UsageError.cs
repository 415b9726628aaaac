using System.CommandLine;
using System.CommandLine.Parsing;

namespace OrleansLog.Cli;

/// <summary>What is wrong with a command line, in one sentence.</summary>
internal static class UsageError
{
    private const int ShortestBeginningOfOption = 3;

    /// <summary>The sentence; null where nothing is wrong.</summary>
    public static string? Of(ParseResult parsed) =>
        StrayOption(parsed) is { } stray ? WithHelp(parsed, Unknown(parsed, stray))
        : parsed.Errors.Count > 0 ? WithHelp(parsed, WrongCommand(parsed) ?? MissingArgument(parsed) ?? Explain(parsed))
        : null;

    private static string WithHelp(ParseResult parsed, string wrong) =>
        $"{wrong}{(wrong.EndsWith('?') ? " See" : "; see")} '{PathOf(parsed)} --help'";

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
        var known = Options(parsed).SelectMany(option => option.Aliases.Append(option.Name)).Where(known => known.StartsWith("--", StringComparison.Ordinal));
        return Suggestions.Near(name, known, ShortestBeginningOfOption) is { } near
            ? $"'{name}' is no option of this command; did you mean {near}?"
            : $"'{name}' is no option of this command, and a name that begins with a dash goes behind --";
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

    /// <summary>No command, or one that is not there, where there are several.</summary>
    private static string? WrongCommand(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count == 0)
        {
            return null;
        }

        var known = command.Subcommands.Where(static inner => !inner.Hidden).Select(static inner => inner.Name).ToArray();
        return parsed.UnmatchedTokens is ["help", ..] ? $"'help' is no command of '{PathOf(parsed)}'; did you mean --help?"
            : parsed.UnmatchedTokens is not [var typed, ..] ? $"'{PathOf(parsed)}' needs a command: {string.Join(", ", known)}"
            : Suggestions.Near(typed, known, shortestBeginning: 1) is { } near ? $"'{typed}' is no command of '{PathOf(parsed)}'; did you mean {near}?"
            : $"'{typed}' is no command of '{PathOf(parsed)}'; there are: {string.Join(", ", known)}";
    }

    private static string? MissingArgument(ParseResult parsed) =>
        parsed.CommandResult.Command.Arguments.FirstOrDefault(argument =>
            argument.Arity.MinimumNumberOfValues > (parsed.CommandResult.GetResult(argument)?.Tokens.Count ?? 0)) is { } missing
            ? $"{missing.Name} is missing"
            : null;

    private static string Explain(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is [var extra, ..])
        {
            return $"'{extra}' is one argument too many";
        }

        // An option without its value; the parser tells of it as of an argument.
        if (parsed.CommandResult.Children.OfType<OptionResult>().FirstOrDefault(static option =>
            option is { Implicit: false, Tokens.Count: 0, Option.Arity.MinimumNumberOfValues: > 0 }) is { } bare)
        {
            return $"{bare.Option.Name} needs a value: {bare.Option.HelpName}";
        }

        var message = string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.', ' ');
        return message is [_, var second, ..] && char.IsLower(second) ? char.ToLowerInvariant(message[0]) + message[1..] : message;
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
}
