using System.Globalization;
using System.Text;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>One line for each thing found, with names in it, so that grep and awk can work on them.</summary>
internal sealed class TextDumpSink(TextWriter output) : IDumpSink
{
    private const int MaxShownBytes = 120;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    public void Begin(DumpedFile file) =>
        output.WriteLine(string.Create(Invariant, $"{file.Path}: {NameOf(file.Kind)}, {file.SizeBytes} bytes"));

    public void Batch(long position, in RecordBatchHeader header, bool isGood)
    {
        output.Write(string.Create(Invariant,
            $"batch offsets={header.BaseOffset}..{header.LastOffset} records={header.RecordCount} position={position} bytes={header.SizeInBytes}"));
        output.Write(string.Create(Invariant,
            $" codec={header.Codec.Name()} epoch={header.PartitionLeaderEpoch} {header.TimestampType}={header.MaxTimestamp}"));
        if (header.HasProducerId)
        {
            output.Write(string.Create(Invariant,
                $" producer={header.ProducerId}/{header.ProducerEpoch} sequence={header.BaseSequence}..{header.LastSequence}"));
        }

        output.Write(header.IsTransactional ? " transactional" : "");
        output.Write(header.IsControl ? " control" : "");
        if (header.DeleteHorizonMs is { } horizonMs)
        {
            output.Write(string.Create(Invariant, $" deleteHorizon={horizonMs}"));
        }

        output.WriteLine(string.Create(Invariant, $" crc={header.Crc:x8} {(isGood ? "ok" : "DAMAGED")}"));
    }

    public void Record(in Record record, in RecordBatchHeader header)
    {
        output.Write(string.Create(Invariant, $"  record offset={record.Offset} {header.TimestampType}={record.TimestampMs}"));
        if (header.IsControl && ControlRecords.TryParseEndMarker(record, out var marker))
        {
            output.WriteLine(string.Create(Invariant,
                $" {(marker.Type == ControlRecordType.Commit ? "commit" : "abort")} coordinatorEpoch={marker.CoordinatorEpoch}"));
            return;
        }

        output.Write(" key=");
        output.Write(record.IsKeyNull ? "null" : Quote(record.Key.Span));
        output.Write(" value=");
        output.Write(record.IsValueNull ? "null" : Quote(record.Value.Span));
        foreach (var recordHeader in record.Headers)
        {
            output.Write($" {recordHeader.Key}:{(recordHeader.ValueIsNull ? "null" : Quote(recordHeader.Value.Span))}");
        }

        output.WriteLine();
    }

    public void OffsetEntry(long offset, long position) => output.WriteLine(string.Create(Invariant, $"entry offset={offset} position={position}"));

    public void TimeEntry(long timestampMs, long offset) =>
        output.WriteLine(string.Create(Invariant, $"entry timestamp={timestampMs} ({Timestamps.Format(timestampMs)}) offset={offset}"));

    public void AbortedTransaction(long producerId, long firstOffset, long lastOffset, long lastStableOffset) =>
        output.WriteLine(string.Create(Invariant, $"aborted producer={producerId} offsets={firstOffset}..{lastOffset} lastStableOffset={lastStableOffset}"));

    public void Entry(IReadOnlyList<(string Name, string Value)> fields) =>
        output.WriteLine("entry " + string.Join(' ', fields.Select(field => $"{field.Name}={field.Value}")));

    public void Damage(string file, long position, string message) =>
        output.WriteLine(string.Create(Invariant, $"DAMAGE {file} at {position}: {message}"));

    public void End(in DumpSummary summary)
    {
        var what = summary.File.Kind == DumpedFileKind.Log
            ? string.Create(Invariant, $"{Sizes.Count(summary.Batches, "batch", "batches")}, {Sizes.Count(summary.Records, "record")}, offsets {summary.FirstOffset}..{summary.LastOffset}")
            : Sizes.Count(summary.Entries, "entry", "entries");
        var unused = summary.UnusedBytes > 0 ? string.Create(Invariant, $", {summary.UnusedBytes} bytes set aside") : "";
        var verdict = summary.Damages == 0 ? "ok" : string.Create(Invariant, $"{summary.Damages} DAMAGED");
        output.WriteLine($"{summary.File.Path}: {what}{unused}: {verdict}");
    }

    private static string NameOf(DumpedFileKind kind) => kind switch
    {
        DumpedFileKind.Log => "log segment",
        DumpedFileKind.OffsetIndex => "offset index",
        DumpedFileKind.TimeIndex => "time index",
        DumpedFileKind.TransactionIndex => "aborted transactions",
        DumpedFileKind.LeaderEpochs => "leader epochs",
        DumpedFileKind.OffsetCheckpoint => "offset checkpoint",
        _ => "properties",
    };

    // Text as it is; anything that a terminal might obey, and bytes that are no text, in hex.
    private static string Quote(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder("\"");
        var rest = bytes[..Math.Min(bytes.Length, MaxShownBytes)];
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(rest, out var rune, out var size) != System.Buffers.OperationStatus.Done || Rune.IsControl(rune))
            {
                foreach (var b in rest[..size])
                {
                    _ = text.Append(Invariant, $"\\x{b:x2}");
                }
            }
            else
            {
                _ = rune.Value is '"' or '\\' ? text.Append('\\').Append(rune.ToString()) : text.Append(rune.ToString());
            }

            rest = rest[size..];
        }

        _ = text.Append('"');
        return bytes.Length > MaxShownBytes ? text.Append(Invariant, $"...({bytes.Length} bytes)").ToString() : text.ToString();
    }
}
