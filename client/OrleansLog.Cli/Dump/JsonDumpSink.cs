using System.Text.Json;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>One JSON object a line; <c>type</c> says what it is.</summary>
internal sealed class JsonDumpSink(JsonLines lines) : IDumpSink
{
    public void Begin(DumpedFile file)
    {
        var json = Start("file");
        json.WriteString("file", file.Path);
        json.WriteString("kind", file.Kind.ToString());
        json.WriteNumber("sizeBytes", file.SizeBytes);
        lines.End();
    }

    public void Batch(long position, in RecordBatchHeader header, bool isGood)
    {
        var json = Start("batch");
        json.WriteNumber("position", position);
        json.WriteNumber("sizeBytes", header.SizeInBytes);
        json.WriteNumber("baseOffset", header.BaseOffset);
        json.WriteNumber("lastOffset", header.LastOffset);
        json.WriteNumber("records", header.RecordCount);
        json.WriteString("codec", header.Codec.Name());
        json.WriteNumber("leaderEpoch", header.PartitionLeaderEpoch);
        json.WriteString("timestampType", header.TimestampType.ToString());
        json.WriteNumber("maxTimestamp", header.MaxTimestamp);
        json.WriteNumber("producerId", header.ProducerId);
        json.WriteNumber("producerEpoch", header.ProducerEpoch);
        json.WriteNumber("baseSequence", header.BaseSequence);
        json.WriteNumber("lastSequence", header.LastSequence);
        json.WriteBoolean("isTransactional", header.IsTransactional);
        json.WriteBoolean("isControl", header.IsControl);
        if (header.DeleteHorizonMs is { } horizonMs)
        {
            json.WriteNumber("deleteHorizonMs", horizonMs);
        }

        json.WriteNumber("crc", header.Crc);
        json.WriteBoolean("isGood", isGood);
        lines.End();
    }

    public void Record(in Record record, in RecordBatchHeader header)
    {
        var json = Start("record");
        json.WriteNumber("offset", record.Offset);
        json.WriteNumber("timestamp", record.TimestampMs);
        if (header.IsControl && ControlRecords.TryParseEndMarker(record, out var marker))
        {
            json.WriteString("control", marker.Type == ControlRecordType.Commit ? "commit" : "abort");
            json.WriteNumber("coordinatorEpoch", marker.CoordinatorEpoch);
        }
        else
        {
            JsonLines.WriteBytes(json, "key", record.Key.Span, record.IsKeyNull);
            JsonLines.WriteBytes(json, "value", record.Value.Span, record.IsValueNull);
            json.WriteStartArray("headers");
            foreach (var recordHeader in record.Headers)
            {
                JsonLines.WriteHeader(json, recordHeader);
            }

            json.WriteEndArray();
        }

        lines.End();
    }

    public void OffsetEntry(long offset, long position)
    {
        var json = Start("entry");
        json.WriteNumber("offset", offset);
        json.WriteNumber("position", position);
        lines.End();
    }

    public void TimeEntry(long timestampMs, long offset)
    {
        var json = Start("entry");
        json.WriteNumber("timestamp", timestampMs);
        json.WriteNumber("offset", offset);
        lines.End();
    }

    public void AbortedTransaction(long producerId, long firstOffset, long lastOffset, long lastStableOffset)
    {
        var json = Start("abortedTransaction");
        json.WriteNumber("producerId", producerId);
        json.WriteNumber("firstOffset", firstOffset);
        json.WriteNumber("lastOffset", lastOffset);
        json.WriteNumber("lastStableOffset", lastStableOffset);
        lines.End();
    }

    public void Entry(IReadOnlyList<(string Name, string Value)> fields)
    {
        var json = Start("entry");
        foreach (var (name, value) in fields)
        {
            json.WriteString(name, value);
        }

        lines.End();
    }

    public void Damage(string file, long position, string message)
    {
        var json = Start("damage");
        json.WriteString("file", file);
        json.WriteNumber("position", position);
        json.WriteString("message", message);
        lines.End();
    }

    public void End(in DumpSummary summary)
    {
        var json = Start("summary");
        json.WriteString("file", summary.File.Path);
        if (summary.File.Kind == DumpedFileKind.Log)
        {
            json.WriteNumber("batches", summary.Batches);
            json.WriteNumber("records", summary.Records);
            json.WriteNumber("firstOffset", summary.FirstOffset);
            json.WriteNumber("lastOffset", summary.LastOffset);
        }
        else
        {
            json.WriteNumber("entries", summary.Entries);
        }

        json.WriteNumber("unusedBytes", summary.UnusedBytes);
        json.WriteNumber("damages", summary.Damages);
        lines.End();
    }

    private Utf8JsonWriter Start(string type)
    {
        var json = lines.Start();
        json.WriteString("type", type);
        return json;
    }
}
