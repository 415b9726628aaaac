using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace OrleansLog.Cli;

/// <summary>Options and arguments that are whole numbers of a range. What is none is told with the range.</summary>
internal static class Numbers
{
    /// <summary>A number, or null where the option is not given.</summary>
    public static Option<T?> Option<T>(string name, string[] aliases, string description, T min, T? max = null, string helpName = "N")
        where T : struct, INumber<T>, IMinMaxValue<T> => new(name, aliases)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result => Parse(result, name, min, max ?? T.MaxValue),
        };

    /// <summary>A number from 0 to <paramref name="max"/>, with a value that holds where the option is not given.</summary>
    public static Option<int> WithDefault(string name, string description, int standard, int max = int.MaxValue) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => standard,
        CustomParser = result => Parse(result, name, 0, max) ?? standard,
    };

    /// <summary>Numbers from 0, for an option that may be repeated.</summary>
    public static Option<int[]> Repeated(string name, string alias, string description, string helpName = "N") => new(name, alias)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result => [.. result.Tokens.Select(token => ParseOne(result, token.Value, name, 0, int.MaxValue)).OfType<int>()],
    };

    /// <summary>A number from 0 in its place on the command line.</summary>
    public static Argument<int> Argument(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => Parse(result, name, 0, int.MaxValue) ?? 0,
    };

    private static T? Parse<T>(ArgumentResult result, string name, T min, T max)
        where T : struct, INumber<T>, IMinMaxValue<T> => result.Tokens is [.., var token] ? ParseOne(result, token.Value, name, min, max) : null;

    private static T? ParseOne<T>(ArgumentResult result, string text, string name, T min, T max)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        if (T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        // Where every number of the type will do, its end is only told to those who went beyond it.
        var isTooLong = text.All(char.IsAsciiDigit);
        var range = min == T.MinValue && !isTooLong ? "" : max == T.MaxValue && !isTooLong ? $" from {min}" : $" from {min} to {max}";
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: '{text}' is not a whole number{range}"));
        return null;
    }
}
