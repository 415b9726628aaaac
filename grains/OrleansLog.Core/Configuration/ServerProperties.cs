using System.Globalization;
using System.Text;

namespace OrleansLog.Core.Configuration;

/// <summary>What a <c>.properties</c> file says: its settings in order, and what could not be read.</summary>
/// <param name="Settings">Key, value, and origin (<c>FILE line N</c>).</param>
/// <param name="Errors">What could not be read.</param>
public sealed record ServerPropertiesResult(IReadOnlyList<ConfigSetting> Settings, IReadOnlyList<ConfigError> Errors);

/// <summary>
/// Reads Java's <c>.properties</c> format, which Kafka's <c>server.properties</c> is written in: <c>#</c> and <c>!</c> begin a
/// comment line, a backslash at the end continues the line, <c>=</c>, <c>:</c> or white space ends the key, and
/// <c>\t \n \r \f \uXXXX</c> and an escaped character stand for themselves.
/// </summary>
public static class ServerProperties
{
    /// <summary>The longest file that is read, in characters.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>Reads a file's text. A key that comes twice keeps its last value, as in Java.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fileName">The name to show in errors.</param>
    public static ServerPropertiesResult Parse(string text, string fileName = "server.properties")
    {
        var settings = new List<ConfigSetting>();
        var errors = new List<ConfigError>();
        if (text.Length > MaxLength)
        {
            errors.Add(new(fileName, null, $"a file of at most {MaxLength} characters"));
            return new(settings, errors);
        }

        foreach (var (number, line) in LogicalLines(text))
        {
            var origin = string.Create(CultureInfo.InvariantCulture, $"{fileName} line {number}");
            var (key, value) = Split(line);
            if (!TryUnescape(key, out var name) || !TryUnescape(value, out var content))
            {
                errors.Add(new(key, value, @"four hexadecimal digits after \u", origin));
            }
            else if (!IsKey(name))
            {
                errors.Add(new(name, content.Length == 0 ? null : content, "a line of the form key=value, or # before a comment", origin));
            }
            else
            {
                settings.Add(new(name, content, origin));
            }
        }

        return new(settings, errors);
    }

    /// <summary>Lines with their continuations joined, without blanks and comments, and the number of the first of them.</summary>
    private static IEnumerable<(int Number, string Line)> LogicalLines(string text)
    {
        var joined = new StringBuilder();
        var first = 0;
        var number = 0;
        foreach (var raw in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            var line = raw.TrimStart(' ', '\t', '\f', '\uFEFF');
            if (first == 0)
            {
                if (line.Length == 0 || line[0] is '#' or '!')
                {
                    continue;
                }

                first = number;
            }

            if (EndsInOddBackslashes(line))
            {
                joined.Append(line, 0, line.Length - 1);
                continue;
            }

            yield return (first, joined.Append(line).ToString());
            joined.Clear();
            first = 0;
        }

        if (first != 0)
        {
            yield return (first, joined.ToString());
        }
    }

    private static bool EndsInOddBackslashes(string line)
    {
        var count = 0;
        while (count < line.Length && line[line.Length - 1 - count] == '\\')
        {
            count++;
        }

        return count % 2 == 1;
    }

    private static (string Key, string Value) Split(string line)
    {
        var end = 0;
        while (end < line.Length && line[end] is not ('=' or ':' or ' ' or '\t' or '\f'))
        {
            end += line[end] == '\\' && end + 1 < line.Length ? 2 : 1;
        }

        var value = end;
        while (value < line.Length && line[value] is ' ' or '\t' or '\f')
        {
            value++;
        }

        if (value < line.Length && line[value] is '=' or ':')
        {
            value++;
        }

        return (line[..end], line[value..].TrimStart(' ', '\t', '\f'));
    }

    private static bool TryUnescape(string text, out string result)
    {
        result = text;
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return true;
        }

        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                plain.Append(text[i]);
                continue;
            }

            i++;
            if (text[i] != 'u')
            {
                plain.Append(text[i] switch { 't' => '\t', 'n' => '\n', 'r' => '\r', 'f' => '\f', var other => other });
                continue;
            }

            if (i + 4 >= text.Length
                || !ushort.TryParse(text.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
            {
                return false;
            }

            plain.Append((char)unit);
            i += 4;
        }

        result = plain.ToString();
        return true;
    }

    private static bool IsKey(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
