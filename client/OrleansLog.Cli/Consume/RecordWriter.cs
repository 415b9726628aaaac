using OrleansLog.Client;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>Writes records in a format or as JSON lines.</summary>
internal sealed class RecordWriter(OutputBuffer output, RecordFormat format, bool isJson, bool isForTerminal) : IDisposable
{
    private readonly JsonLines? _json = isJson ? new JsonLines(output) : null;

    public void Write(in ConsumeResult<Slice, Slice> record)
    {
        var headers = record.Headers.Span;
        var view = new RecordView
        {
            Topic = record.Topic,
            Partition = record.Partition,
            Offset = record.Offset,
            TimestampMs = record.TimestampMs,
            LeaderEpoch = record.LeaderEpoch,
            Key = record.Key.GetValueOrDefault().Span,
            IsKeyNull = record.Key is null,
            Value = record.Value.GetValueOrDefault().Span,
            IsValueNull = record.Value is null,
            Headers = headers,
        };
        if (_json is not null)
        {
            WriteJson(_json, view);
        }
        else if (format.IsLines && headers.IsEmpty)
        {
            output.Write(view.Value);
            output.Write("\n"u8);
        }
        else
        {
            // On a terminal a line is a line; elsewhere the bytes come back as they were.
            format.Write(output, view, endsWithoutNewline: !isForTerminal && EndOfInput.IsMarked(headers));
        }
    }

    public void Dispose() => _json?.Dispose();

    private static void WriteJson(JsonLines lines, in RecordView record)
    {
        var json = lines.Start();
        json.WriteString("topic", record.Topic);
        json.WriteNumber("partition", record.Partition);
        json.WriteNumber("offset", record.Offset);
        if (record.LeaderEpoch >= 0)
        {
            json.WriteNumber("leaderEpoch", record.LeaderEpoch);
        }

        json.WriteNumber("timestamp", record.TimestampMs);
        JsonLines.WriteBytes(json, "key", record.Key, record.IsKeyNull);
        JsonLines.WriteBytes(json, "value", record.Value, record.IsValueNull);
        json.WriteStartArray("headers");
        foreach (ref readonly var header in record.Headers)
        {
            JsonLines.WriteHeader(json, header);
        }

        json.WriteEndArray();
        lines.End();
    }
}
