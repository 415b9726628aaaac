using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OrleansLog.Core.Configuration;

/// <summary>A checked value in its canonical text and, where it is one, as a number or a list.</summary>
/// <param name="Text">The text, trimmed; sizes without a suffix, names in the spelling of the table.</param>
/// <param name="Number">The number of an integer key; 1 or 0 for a boolean.</param>
/// <param name="Real">The number of a <see cref="ConfigType.Double"/> key.</param>
/// <param name="Items">The items of a list.</param>
public readonly record struct ParsedConfigValue(string Text, long Number, double Real, IReadOnlyList<string> Items);

public sealed partial record ConfigDefinition
{
    private static readonly (string Suffix, long Factor)[] SizeSuffixes =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("k", 1L << 10), ("m", 1L << 20), ("g", 1L << 30), ("t", 1L << 40),
    ];

    /// <summary>Reads and checks a value.</summary>
    /// <param name="value">The text as given.</param>
    /// <param name="origin">Where it was set, for the message.</param>
    /// <param name="read">The value, when good.</param>
    /// <param name="error">What is wrong, when not.</param>
    public bool TryRead(string? value, string? origin, out ParsedConfigValue read, [NotNullWhen(false)] out ConfigError? error)
    {
        var text = (value ?? "").Trim();
        read = default;
        var good = value is not null && Type switch
        {
            ConfigType.Boolean => ReadBoolean(text, out read),
            ConfigType.Int or ConfigType.Long => ReadInteger(text, out read),
            ConfigType.Double => ReadDouble(text, out read),
            ConfigType.Enum => ReadEnum(text, out read),
            ConfigType.List => ReadList(text, out read),
            _ => ReadText(text, out read),
        };
        error = good ? null : new ConfigError(Name, IsSensitive ? null : value, Allowed, origin);
        return good;
    }

    /// <summary>What values are allowed, as the end of the sentence "expected ...".</summary>
    public string Allowed => Type switch
    {
        ConfigType.Boolean => "true or false",
        ConfigType.Int or ConfigType.Long => "an integer" + UnitText + RangeText,
        ConfigType.Double => "a decimal number" + RangeText,
        ConfigType.Enum => "one of " + string.Join(", ", AllowedValues),
        ConfigType.List when AllowedValues.Count > 0 =>
            (AllowsEmptyList ? "a list, possibly empty, of " : "a list of one or more of ") + string.Join(", ", AllowedValues),
        ConfigType.List => AllowsEmptyList ? "a list separated by commas" : "a list separated by commas with at least one item",
        _ => "text",
    };

    private string UnitText => Unit switch
    {
        ConfigUnit.None => "",
        ConfigUnit.Bytes => " of bytes (k, m, g, KiB, MiB, GiB are understood)",
        _ => " of " + Unit.ToString().ToLowerInvariant(),
    };

    private string RangeText
    {
        get
        {
            var (min, max) = Limits;
            return string.Create(CultureInfo.InvariantCulture, $" from {Bound(min)} to {Bound(max)}");
        }
    }

    private (double Min, double Max) Limits => Type switch
    {
        ConfigType.Int => (Minimum ?? int.MinValue, Maximum ?? int.MaxValue),
        ConfigType.Long => (Minimum ?? long.MinValue, Maximum ?? long.MaxValue),
        _ => (Minimum ?? double.MinValue, Maximum ?? double.MaxValue),
    };

    private string Bound(double value) => Type == ConfigType.Double
        ? value.ToString("R", CultureInfo.InvariantCulture)
        : value >= long.MaxValue ? long.MaxValue.ToString(CultureInfo.InvariantCulture)
        : ((long)value).ToString(CultureInfo.InvariantCulture);

    private static bool ReadBoolean(string text, out ParsedConfigValue read)
    {
        var isTrue = text.Equals("true", StringComparison.OrdinalIgnoreCase);
        read = new ParsedConfigValue(isTrue ? "true" : "false", isTrue ? 1 : 0, 0, []);
        return isTrue || text.Equals("false", StringComparison.OrdinalIgnoreCase);
    }

    private bool ReadInteger(string text, out ParsedConfigValue read)
    {
        read = default;
        long factor = 1;
        var digits = text.AsSpan();
        if (Unit == ConfigUnit.Bytes)
        {
            foreach (var (suffix, size) in SizeSuffixes)
            {
                if (text.Length > suffix.Length && text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                {
                    factor = size;
                    digits = digits[..^suffix.Length].TrimEnd();
                    break;
                }
            }
        }

        if (!long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var wide = (Int128)number * factor;
        var (min, max) = Limits;
        if (wide > long.MaxValue || wide < long.MinValue || (double)wide < min || (double)wide > max)
        {
            return false;
        }

        number = (long)wide;
        read = new ParsedConfigValue(number.ToString(CultureInfo.InvariantCulture), number, number, []);
        return true;
    }

    private bool ReadDouble(string text, out ParsedConfigValue read)
    {
        var (min, max) = Limits;
        var good = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) && number >= min && number <= max;
        read = new ParsedConfigValue(text, 0, number, []);
        return good;
    }

    private bool ReadEnum(string text, out ParsedConfigValue read)
    {
        var name = Spelled(text);
        read = new ParsedConfigValue(name ?? "", 0, 0, []);
        return name is not null;
    }

    private bool ReadList(string text, out ParsedConfigValue read)
    {
        read = default;
        var items = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (items.Length == 0 && !AllowsEmptyList)
        {
            return false;
        }

        if (AllowedValues.Count > 0)
        {
            for (var i = 0; i < items.Length; i++)
            {
                if (Spelled(items[i]) is not { } name)
                {
                    return false;
                }

                items[i] = name;
            }

            items = items.Distinct(StringComparer.Ordinal).ToArray();
        }

        read = new ParsedConfigValue(string.Join(',', items), 0, 0, items);
        return true;
    }

    private static bool ReadText(string text, out ParsedConfigValue read)
    {
        read = new ParsedConfigValue(text, 0, 0, []);
        return true;
    }

    private string? Spelled(string text) => AllowedValues.FirstOrDefault(v => v.Equals(text, StringComparison.OrdinalIgnoreCase));
}
