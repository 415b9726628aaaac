using System.Globalization;
using System.Text;

namespace OrleansLog.Cli;

/// <summary>Backslash escapes of formats, delimiters and separators: <c>\n \r \t \0 \\ \xHH</c>.</summary>
internal static class Escapes
{
    /// <summary>The bytes that the text stands for, or what is wrong with it.</summary>
    public static bool TryParse(string text, out byte[] bytes, out string? error)
    {
        var output = new List<byte>(text.Length);
        var position = 0;
        while (position < text.Length)
        {
            if (text[position] == '\\')
            {
                if (!TryReadEscape(text, ref position, output, out error))
                {
                    bytes = [];
                    return false;
                }

                continue;
            }

            var next = text.IndexOf('\\', position);
            var end = next < 0 ? text.Length : next;
            output.AddRange(Encoding.UTF8.GetBytes(text[position..end]));
            position = end;
        }

        bytes = [.. output];
        error = null;
        return true;
    }

    /// <summary>Reads one escape at <paramref name="position"/>, where the backslash stands, and moves behind it.</summary>
    public static bool TryReadEscape(string text, ref int position, List<byte> output, out string? error)
    {
        error = null;
        var kind = position + 1 < text.Length ? text[position + 1] : '\0';
        switch (kind)
        {
            case 'n' or 'r' or 't' or '0' or '\\':
                output.Add(kind switch { 'n' => (byte)'\n', 'r' => (byte)'\r', 't' => (byte)'\t', '0' => 0, _ => (byte)'\\' });
                position += 2;
                return true;
            case 'x' when position + 3 < text.Length && byte.TryParse(
                text.AsSpan(position + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value):
                output.Add(value);
                position += 4;
                return true;
            default:
                error = $"'{text}': the escape at position {position + 1} is none of \\n \\r \\t \\0 \\\\ \\xHH";
                return false;
        }
    }
}
