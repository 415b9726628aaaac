using OrleansLog.Client;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>Takes records out of a splitter and hands them to a producer, without a string or an object for each.</summary>
internal sealed class RecordPump(
    ProduceSettings settings, RecordSplitter splitter, ILogProducer<Slice, Slice> producer, ProduceTally tally)
{
    /// <summary>Records of this size and more carry their number, so that a broker's refusal of a record that is just too large names its line.</summary>
    private readonly int _numberedRecordBytes = settings.Producer.MaxRecordBytes / 2;

    // A bare null would become an empty ReadOnlyMemory by its conversion from an array.
    private static Slice Null => default;

    private readonly DeliveryHandler _handler = tally.Handle;
    private readonly RecordSizes _sizes = new();
    private readonly RecordHeader[] _lastHeaders = [.. settings.Headers, EndOfInput.Header];

    /// <summary>Runs until the input ends, a record fails, or the token fires.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && tally.FirstError is null && splitter.TryNext(out var line))
        {
            var (key, value) = Cut(line);
            var isMarked = splitter.EndedWithoutDelimiter && settings.MarksEnd;
            var record = new ProducerRecord<Slice, Slice>(settings.Topic, key, value)
            {
                Partition = settings.Partition,
                TimestampMs = settings.TimestampMs,
                Headers = isMarked ? _lastHeaders : settings.Headers,
            };
            var bytes = line.Length + (splitter.EndedWithoutDelimiter ? 0 : settings.Delimiter.Length);
            var state = line.Length >= _numberedRecordBytes ? RecordSizes.StateOf(bytes, splitter.RecordNumber) : _sizes.StateOf(bytes);
            try
            {
                var accepted = producer.Produce(record, _handler, state, cancellationToken);
                if (!accepted.IsCompletedSuccessfully)
                {
                    await accepted;
                }
            }
            catch (LogException error)
            {
                throw AtLine(error, splitter.RecordNumber);
            }
        }
    }

    public static CliException AtLine(LogException error, long line)
    {
        var (code, message) = Failures.Describe(error);
        return new CliException(code, $"line {line}: {message}", error);
    }

    private (Slice Key, Slice Value) Cut(ReadOnlyMemory<byte> line)
    {
        if (settings.KeySeparator is not { } separator)
        {
            return (Null, ToSlice(line));
        }

        var at = line.Span.IndexOf(separator);
        return at >= 0
            ? (ToSlice(line[..at]), ToSlice(line[(at + separator.Length)..]))
            : throw new CliException(ExitCode.Error, $"line {splitter.RecordNumber}: no key separator in it");
    }

    private Slice ToSlice(ReadOnlyMemory<byte> bytes) =>
        settings.NullMarker is { } marker && bytes.Span.SequenceEqual(marker) ? Null : bytes;
}
