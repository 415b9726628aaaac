namespace OrleansLog.Cli;

/// <summary>A piece is a value, or a key and a value with a separator between them.</summary>
internal sealed class PlainRecordParser(ProduceSettings settings) : IRecordParser
{
    // A bare null would become an empty ReadOnlyMemory by its conversion from an array.
    private static Slice Null => default;

    public InputRecord? Parse(ReadOnlyMemory<byte> line, long number)
    {
        if (settings.KeySeparator is not { } separator)
        {
            return new InputRecord(Null, ToSlice(line), settings.Headers);
        }

        var at = line.Span.IndexOf(separator);
        return at >= 0
            ? new InputRecord(ToSlice(line[..at]), ToSlice(line[(at + separator.Length)..]), settings.Headers)
            : throw new CliException(ExitCode.Error, $"line {number}: no key separator in it");
    }

    private Slice ToSlice(ReadOnlyMemory<byte> bytes) =>
        settings.NullMarker is { } marker && bytes.Span.SequenceEqual(marker) ? Null : bytes;
}
