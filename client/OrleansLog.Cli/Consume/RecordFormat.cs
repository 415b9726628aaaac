using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace OrleansLog.Cli;

/// <summary>The parts of a <c>--format</c>, parsed once: literal bytes and fields.</summary>
internal sealed class RecordFormat
{
    public const string Default = "%v\\n";
    public const string Help =
        "%t topic, %p partition, %o offset, %k key, %v value, %h headers, %T timestamp in unix ms, %D timestamp as a date, "
        + "%K and %V the sizes of key and value, %e leader epoch, %% a percent sign; %k{hex} %v{base64} %h{hex} as text whatever the bytes are; \\n \\t \\r \\0 \\\\ \\xHH";

    private readonly Part[] _parts;
    private readonly byte[] _nullText;
    private readonly bool _endsInNewline;
    private readonly bool _hasOnlyValue;

    private RecordFormat(Part[] parts, byte[] nullText)
    {
        _parts = parts;
        _nullText = nullText;
        _endsInNewline = parts is [.., { Field: Field.Literal, Bytes: [.., (byte)'\n'] }];
        _hasOnlyValue = parts is [{ Field: Field.Value, As: BytesAs.Plain }, { Field: Field.Literal, Bytes: [(byte)'\n'] }];
    }

    private enum Field
    {
        Literal,
        Topic,
        Partition,
        Offset,
        Key,
        Value,
        Headers,
        TimestampMs,
        Date,
        KeySize,
        ValueSize,
        LeaderEpoch,
    }

    /// <summary>True for <c>%v\n</c>, which the consumer takes a shorter way for.</summary>
    public bool IsLines => _hasOnlyValue && _nullText.Length == 0;

    /// <summary>True when the format shows headers, so that they have to be read.</summary>
    public bool ShowsHeaders => Array.Exists(_parts, part => part.Field == Field.Headers);

    /// <summary>Parses a format, or says what is wrong with it.</summary>
    public static bool TryParse(string text, string nullText, out RecordFormat format, out string? error)
    {
        format = null!;
        var parts = new List<Part>();
        var literal = new List<byte>();
        var position = 0;
        while (position < text.Length)
        {
            var c = text[position];
            if (c == '\\')
            {
                if (!Escapes.TryReadEscape(text, ref position, literal, out error))
                {
                    return false;
                }
            }
            else if (c != '%')
            {
                var width = char.IsHighSurrogate(c) && position + 1 < text.Length ? 2 : 1;
                literal.AddRange(Encoding.UTF8.GetBytes(text.Substring(position, width)));
                position += width;
            }
            else if (position + 1 < text.Length && text[position + 1] == '%')
            {
                literal.Add((byte)'%');
                position += 2;
            }
            else if (position + 1 < text.Length && FieldOf(text[position + 1]) is { } field)
            {
                AddLiteral(parts, literal);
                position += 2;
                parts.Add(new Part(field, [], field is Field.Key or Field.Value or Field.Headers ? BytesAsExtensions.Read(text, ref position) : BytesAs.Plain));
            }
            else
            {
                error = $"'{text}': unknown field at position {position + 1}; known are {Help}";
                return false;
            }
        }

        AddLiteral(parts, literal);
        if (parts.Count == 0)
        {
            error = "the format is empty; the default is '%v\\n'";
            return false;
        }

        format = new RecordFormat([.. parts], Encoding.UTF8.GetBytes(nullText));
        error = null;
        return true;
    }

    /// <summary>Writes one record. <paramref name="endsWithoutNewline"/> leaves the format's last newline off (see <see cref="EndOfInput"/>).</summary>
    public void Write(OutputBuffer output, in RecordView record, bool endsWithoutNewline = false)
    {
        for (var i = 0; i < _parts.Length; i++)
        {
            var part = _parts[i];
            switch (part.Field)
            {
                case Field.Literal when endsWithoutNewline && _endsInNewline && i == _parts.Length - 1:
                    output.Write(part.Bytes.AsSpan(0, part.Bytes.Length - 1));
                    break;
                case Field.Literal:
                    output.Write(part.Bytes);
                    break;
                case Field.Topic:
                    _ = Encoding.UTF8.GetBytes(record.Topic, output);
                    break;
                case Field.Partition:
                    WriteNumber(output, record.Partition);
                    break;
                case Field.Offset:
                    WriteNumber(output, record.Offset);
                    break;
                case Field.Key:
                    WriteBytes(output, part.As, record.Key, record.IsKeyNull);
                    break;
                case Field.Value:
                    WriteBytes(output, part.As, record.Value, record.IsValueNull);
                    break;
                case Field.KeySize:
                    WriteNumber(output, record.IsKeyNull ? -1 : record.Key.Length);
                    break;
                case Field.ValueSize:
                    WriteNumber(output, record.IsValueNull ? -1 : record.Value.Length);
                    break;
                case Field.TimestampMs:
                    WriteNumber(output, record.TimestampMs);
                    break;
                case Field.LeaderEpoch:
                    WriteNumber(output, record.LeaderEpoch);
                    break;
                case Field.Date:
                    _ = Encoding.UTF8.GetBytes(Timestamps.Format(record.TimestampMs), output);
                    break;
                case Field.Headers:
                    WriteHeaders(output, part.As, record);
                    break;
            }
        }
    }

    private static void AddLiteral(List<Part> parts, List<byte> literal)
    {
        if (literal.Count > 0)
        {
            parts.Add(new Part(Field.Literal, [.. literal], BytesAs.Plain));
            literal.Clear();
        }
    }

    private static Field? FieldOf(char letter) => letter switch
    {
        't' => Field.Topic,
        'p' => Field.Partition,
        'o' => Field.Offset,
        'k' => Field.Key,
        'v' => Field.Value,
        'h' => Field.Headers,
        'T' => Field.TimestampMs,
        'D' => Field.Date,
        'K' => Field.KeySize,
        'V' => Field.ValueSize,
        'e' => Field.LeaderEpoch,
        _ => null,
    };

    private static void WriteNumber(OutputBuffer output, long number)
    {
        var span = output.GetSpan(20);
        _ = Utf8Formatter.TryFormat(number, span, out var written);
        output.Advance(written);
    }

    private void WriteBytes(OutputBuffer output, BytesAs how, ReadOnlySpan<byte> bytes, bool isNull)
    {
        if (isNull)
        {
            output.Write(_nullText);
        }
        else
        {
            how.Write(output, bytes);
        }
    }

    private void WriteHeaders(OutputBuffer output, BytesAs how, in RecordView record)
    {
        for (var i = 0; i < record.Headers.Length; i++)
        {
            if (i > 0)
            {
                output.Write(","u8);
            }

            _ = Encoding.UTF8.GetBytes(record.Headers[i].Key, output);
            output.Write("="u8);
            WriteBytes(output, how, record.Headers[i].Value.Span, record.Headers[i].ValueIsNull);
        }
    }

    private readonly record struct Part(Field Field, byte[] Bytes, BytesAs As);
}
