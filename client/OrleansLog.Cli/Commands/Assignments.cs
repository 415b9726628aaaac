using System.CommandLine;
using System.CommandLine.Parsing;

namespace OrleansLog.Cli;

/// <summary>Options of the form <c>name=value</c>, which may be repeated.</summary>
internal static class Assignments
{
    /// <summary>Makes such an option and checks its values.</summary>
    public static Option<string[]> Option(string name, string[] aliases, string description, string helpName = "KEY=VALUE")
    {
        var option = new Option<string[]>(name, aliases) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => !IsAssignment(token.Value)) is { } bad)
            {
                result.AddError($"{name}: '{bad.Value}' is not {helpName}");
            }
        });
        return option;
    }

    /// <summary>Splits at the first '='.</summary>
    public static (string Name, string Value) Split(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return (text[..at], text[(at + 1)..]);
    }

    /// <summary>The values by name; the last of a name counts.</summary>
    public static Dictionary<string, string> ToDictionary(IEnumerable<string>? texts)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts ?? [])
        {
            var (name, value) = Split(text);
            values[name] = value;
        }

        return values;
    }

    public static bool IsAssignment(string text) => text.IndexOf('=', StringComparison.Ordinal) > 0;
}
