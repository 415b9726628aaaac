using System.Text;

namespace OrleansLog.Log;

/// <summary>The small subset of Java's properties that Kafka writes: <c>key=value</c> lines, comments with # or !.</summary>
internal static class PropertiesText
{
    internal static string Format(params ReadOnlySpan<(string Key, string Value)> entries)
    {
        var text = new StringBuilder("#\n");
        foreach ((string key, string value) in entries)
            text.Append(key).Append('=').Append(value.Replace("\\", "\\\\", StringComparison.Ordinal)).Append('\n');
        return text.ToString();
    }

    /// <exception cref="CheckpointFormatException">A line is neither a comment nor an entry.</exception>
    internal static Dictionary<string, string> Parse(string path, string text, char separator = '=')
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] is '#' or '!')
                continue;
            int at = line.IndexOf(separator, StringComparison.Ordinal);
            if (at <= 0)
                throw new CheckpointFormatException(path, i + 1, $"expected key{separator}value.");
            entries[line[..at].Trim()] = line[(at + 1)..].Trim().Replace("\\", "", StringComparison.Ordinal);
        }

        return entries;
    }
}
