using OrleansLog.Client;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>Takes records out of a splitter and hands them to a producer, without a string or an object for each.</summary>
internal sealed class RecordPump(
    ProduceSettings settings, RecordSplitter splitter, IRecordParser parser, ILogProducer<Slice, Slice> producer, ProduceTally tally)
{
    /// <summary>Records of this size and more carry their number, so that a broker's refusal of a record that is just too large names its line.</summary>
    private readonly int _numberedRecordBytes = settings.Producer.MaxRecordBytes / 2;

    private readonly DeliveryHandler _handler = tally.Handle;
    private readonly RecordSizes _sizes = new();
    private readonly RecordHeader[] _lastHeaders = [.. settings.Headers, EndOfInput.Header];

    /// <summary>Runs until the input ends, a record fails, or the token fires.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && tally.FirstError is null && splitter.TryNext(out var line))
        {
            if (parser.Parse(line, splitter.RecordNumber) is not { } parsed)
            {
                continue;
            }

            var isMarked = splitter.EndedWithoutDelimiter && settings.MarksEnd;
            var record = new ProducerRecord<Slice, Slice>(settings.Topic, parsed.Key, parsed.Value)
            {
                Partition = settings.Partition ?? parsed.Partition,
                TimestampMs = settings.TimestampMs ?? parsed.TimestampMs,
                Headers = isMarked ? _lastHeaders : parsed.Headers,
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
}
