using System.Globalization;
using System.Text;

namespace OrleansLog.Log;

/// <summary>The form that Kafka's checkpoint files share: a version, a count, and that many lines.</summary>
internal static class CheckpointText
{
    private const char Version = '0';

    internal static string Format<T>(IReadOnlyCollection<T> entries, Action<StringBuilder, T> formatLine)
    {
        var text = new StringBuilder(16 + entries.Count * 24);
        text.Append(Version).Append('\n').Append(CultureInfo.InvariantCulture, $"{entries.Count}\n");
        foreach (T entry in entries)
        {
            formatLine(text, entry);
            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Splits a file into its lines' fields.</summary>
    /// <exception cref="CheckpointFormatException">Version, count or a line is not what it has to be.</exception>
    internal static IEnumerable<(int Line, string[] Fields)> Parse(string path, string text, int fieldsPerLine)
    {
        string[] lines = text.Split('\n');
        if (lines[0].TrimEnd() is not [Version])
            throw new CheckpointFormatException(path, 1, $"expected version {Version}, found '{Shorten(lines[0])}'.");
        if (lines.Length < 2 || !int.TryParse(lines[1].AsSpan().TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            throw new CheckpointFormatException(path, 2, "expected the number of entries.");
        for (int line = 2; line < lines.Length; line++)
        {
            if (lines[line].Length == 0 && line == lines.Length - 1)
                break;
            string[] fields = lines[line].TrimEnd().Split(' ');
            if (fields.Length != fieldsPerLine)
                throw new CheckpointFormatException(path, line + 1, $"expected {fieldsPerLine} fields, found '{Shorten(lines[line])}'.");
            count--;
            yield return (line + 1, fields);
        }

        if (count != 0)
            throw new CheckpointFormatException(path, 2, "the number of entries does not match the lines that follow.");
    }

    internal static long Number(string path, int line, string field) =>
        long.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value
            : throw new CheckpointFormatException(path, line, $"'{Shorten(field)}' is not a number.");

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "...";
}
