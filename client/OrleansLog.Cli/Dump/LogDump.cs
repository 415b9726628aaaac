using System.Globalization;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>Walks over the batches of a <c>.log</c> file, checks each, and tells a sink what is there.</summary>
internal sealed class LogDump(DumpedFile file, IDumpSink sink, bool showRecords)
{
    /// <summary>No broker is set up for batches of this size; a length field that claims it is damaged.</summary>
    private const int MaxBatchBytes = 256 * 1024 * 1024;

    private long _batches;
    private long _records;
    private long _damages;
    private long _firstOffset = -1;
    private long _lastOffset = -1;
    private long _largestTimestampMs = long.MinValue;

    /// <summary>Where the batches lie, for the check of the indexes.</summary>
    public BatchMap Map { get; } = new();

    public DumpSummary Run(CancellationToken cancellationToken)
    {
        using var window = new SegmentWindow(file.Path);
        var position = 0L;
        var unused = 0L;
        while (position < window.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var size = Step(window, position, ref unused);
            if (size == 0)
            {
                break;
            }

            position += size;
        }

        return new DumpSummary(file, _batches, _records, 0, _firstOffset, _lastOffset, unused, _damages);
    }

    /// <summary>Looks at what begins at a position; returns its size, or 0 where nothing more can be told apart.</summary>
    private long Step(SegmentWindow window, long position, ref long unused)
    {
        var left = window.Length - position;
        if (!RecordBatchHeader.TryRead(window.Read(position, RecordBatchHeader.Size).Span, out var header))
        {
            return IsZero(window, position, ref unused) ? 0 : Fail(position, $"{left} bytes at the end are too few for a batch: cut off in the middle");
        }

        var size = header.SizeInBytes;
        if (size < RecordBatchHeader.Size || header.Magic != 2)
        {
            return IsZero(window, position, ref unused) ? 0 : Fail(position, string.Create(CultureInfo.InvariantCulture,
                $"no record batch: length field {header.BatchLength}, magic {header.Magic}; the remaining {left} bytes cannot be read"));
        }

        if (size > left || size > MaxBatchBytes)
        {
            return Fail(position, string.Create(CultureInfo.InvariantCulture,
                $"the batch claims {size} bytes, {left} are left: cut off in the middle, or a damaged length field"));
        }

        Check(window.Read(position, (int)size), position, header);
        return size;
    }

    private void Check(ReadOnlyMemory<byte> batch, long position, in RecordBatchHeader header)
    {
        var before = _damages;
        var crc = RecordBatchHeader.ComputeCrc(batch.Span);
        if (crc != header.Crc)
        {
            Fail(position, $"offsets {header.BaseOffset}..{header.LastOffset}: the CRC is {crc:x8}, the batch says {header.Crc:x8}");
        }
        else
        {
            CheckOffsets(position, header);
            _lastOffset = header.LastOffset;
        }

        // A batch that fails its CRC may claim any offset: it must not make the good ones after it look wrong.
        var isGood = _damages == before;
        if (isGood)
        {
            _largestTimestampMs = Math.Max(_largestTimestampMs, header.MaxTimestamp);
            Map.Add(new BatchPlace(position, header.BaseOffset, header.LastOffset, _largestTimestampMs));
            _firstOffset = _firstOffset < 0 ? header.BaseOffset : _firstOffset;
            _records += header.RecordCount;
        }

        _batches++;
        sink.Batch(position, header, isGood);
        if (isGood && header.RecordCount > 0)
        {
            OpenRecords(batch, position, header);
        }
    }

    private void CheckOffsets(long position, in RecordBatchHeader header)
    {
        if (header.LastOffsetDelta < 0 || header.RecordCount < 0)
        {
            Fail(position, $"last offset delta {header.LastOffsetDelta} and record count {header.RecordCount} cannot be");
        }
        else if (header.BaseOffset <= _lastOffset && _lastOffset >= 0)
        {
            Fail(position, $"base offset {header.BaseOffset} does not follow {_lastOffset}, the last offset of the batch before");
        }
        else if (header.BaseOffset < file.BaseOffset)
        {
            Fail(position, $"base offset {header.BaseOffset} is before {file.BaseOffset}, which the segment is named after");
        }
        else if (!header.Codec.IsKnown())
        {
            Fail(position, $"offsets {header.BaseOffset}..{header.LastOffset}: codec {(int)header.Codec} is not known");
        }
    }

    private void OpenRecords(ReadOnlyMemory<byte> batch, long position, in RecordBatchHeader header)
    {
        var options = new BatchOpenOptions { CheckCrc = false, MaxDecompressedBytes = int.MaxValue };
        using var records = BatchRecords.Open(batch, options, out var verdict);
        if (records is null)
        {
            Fail(position, $"offsets {header.BaseOffset}..{header.LastOffset}: {verdict.Fault.Describe()}");
            return;
        }

        if (showRecords)
        {
            foreach (ref readonly var record in records)
            {
                sink.Record(record, header);
            }
        }
    }

    private static bool IsZero(SegmentWindow window, long position, ref long unused)
    {
        for (var at = position; at < window.Length;)
        {
            var piece = window.Read(at, 64 * 1024);
            if (piece.IsEmpty || piece.Span.ContainsAnyExcept((byte)0))
            {
                return false;
            }

            at += piece.Length;
        }

        unused = window.Length - position;
        return true;
    }

    private long Fail(long position, string message)
    {
        _damages++;
        Map.MarkDamaged(position);
        sink.Damage(file.Path, position, message);
        return 0;
    }
}
