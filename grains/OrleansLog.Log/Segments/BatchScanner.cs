using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

/// <summary>What the scanner found at a position.</summary>
internal enum ScanStep : byte
{
    /// <summary>A batch; its header is in <see cref="BatchScanner.Header"/>.</summary>
    Batch,

    /// <summary>Nothing: the position is the end.</summary>
    End,

    /// <summary>Bytes that are no batch, or not a whole one.</summary>
    Unreadable,

    /// <summary>A batch whose CRC does not match.</summary>
    ChecksumMismatch,

    /// <summary>A batch that begins below the offset expected, or ends beyond what a segment can hold.</summary>
    OffsetOrder,
}

/// <summary>
/// Reads batch after batch of a segment in large sequential reads, with or without checking CRCs. The buffer stays as it is
/// however large a batch claims to be (S12): a CRC is computed over what passes by.
/// </summary>
internal sealed class BatchScanner : IDisposable
{
    private const int CrcFrom = 21;
    private readonly LogEnvironment _environment;
    private readonly IDiskFile _file;
    private readonly byte[] _buffer;
    private readonly bool _verifyCrc;
    private readonly long _end;
    private readonly long _segmentBaseOffset;
    private readonly int _windowBytes;
    private long _windowFrom;
    private int _windowLength;
    private long _next;
    private long _minOffset;

    internal BatchScanner(LogEnvironment environment, IDiskFile file, long from, long end, long segmentBaseOffset, bool verifyCrc, int? windowBytes = null)
    {
        _environment = environment;
        _file = file;
        _next = from;
        Position = from;
        _end = end;
        _segmentBaseOffset = segmentBaseOffset;
        _minOffset = segmentBaseOffset;
        _verifyCrc = verifyCrc;
        _windowBytes = (int)Math.Clamp(end - from, RecordBatchHeader.Size, windowBytes ?? environment.RecoveryReadBytes);
        _buffer = environment.Buffers.Rent(_windowBytes);
    }

    /// <summary>Where the batch, or what is in its place, begins.</summary>
    internal long Position { get; private set; }

    /// <summary>The batch's header; meaningful after <see cref="ScanStep.Batch"/>.</summary>
    internal RecordBatchHeader Header { get; private set; }

    internal long BytesRead { get; private set; }

    /// <summary>The segment whose known damage is stepped over; null to see everything.</summary>
    internal LogSegment? StepsOverDamageOf { get; init; }

    /// <summary>Does not wait for the disk: what the system has not in memory is <see cref="ScanStep.Unreadable"/>.</summary>
    internal bool CachedOnly { get; init; }

    /// <summary>Steps to the next batch. After anything but a batch, it stays there until <see cref="MoveTo"/>.</summary>
    internal ScanStep Next()
    {
        while (StepsOverDamageOf?.DamageAt(_next) is { } damage)
            (_next, _minOffset) = (damage.EndPosition, damage.ToOffset);
        Position = _next;
        if (_end - _next < RecordBatchHeader.Size)
            return _next >= _end ? ScanStep.End : ScanStep.Unreadable;
        ReadOnlySpan<byte> seen = Window(_next, RecordBatchHeader.Size);
        if (!RecordBatchHeader.TryRead(seen, out RecordBatchHeader header) || !IsPlausible(header, _end - _next))
            return ScanStep.Unreadable;
        Header = header;
        if (header.BaseOffset < _minOffset || !IsInReach(header, _segmentBaseOffset))
            return ScanStep.OffsetOrder;
        if (_verifyCrc && !CrcMatches(header))
            return ScanStep.ChecksumMismatch;
        _next += header.SizeInBytes;
        _minOffset = header.NextOffset;
        return ScanStep.Batch;
    }

    /// <summary>Goes on elsewhere.</summary>
    internal void MoveTo(long position, long minOffset)
    {
        _next = position;
        Position = position;
        _minOffset = minOffset;
    }

    /// <summary>Whether a header can be that of a whole batch in that many bytes.</summary>
    internal static bool IsPlausible(in RecordBatchHeader header, long available) =>
        header.Magic == 2 && header.SizeInBytes >= RecordBatchHeader.Size && header.SizeInBytes <= available
        && header.BaseOffset >= 0 && header.LastOffsetDelta >= 0 && header.RecordCount >= 0;

    /// <summary>Whether a segment can hold a batch: its index has offsets as int32 from the segment's own. The base offset, which no CRC covers, may say anything.</summary>
    internal static bool IsInReach(in RecordBatchHeader header, long segmentBaseOffset) =>
        header.BaseOffset - segmentBaseOffset <= int.MaxValue - header.LastOffsetDelta;

    public void Dispose() => _environment.Buffers.Return(_buffer);

    private bool CrcMatches(in RecordBatchHeader header)
    {
        uint crc = 0;
        long at = _next + CrcFrom;
        long end = _next + header.SizeInBytes;
        while (at < end)
        {
            ReadOnlySpan<byte> seen = Window(at, 1);
            if (seen.IsEmpty)
                return false;
            int length = (int)Math.Min(seen.Length, end - at);
            crc = Crc32C.Append(crc, seen[..length]);
            at += length;
        }

        return crc == header.Crc;
    }

    /// <summary>What of the file is in memory from a position on; at least so many bytes, unless the file ends.</summary>
    private ReadOnlySpan<byte> Window(long from, int atLeast)
    {
        if (from < _windowFrom || from + atLeast > _windowFrom + _windowLength)
        {
            int wanted = (int)Math.Min(_windowBytes, _end - from);
            _windowFrom = from;
            Span<byte> window = _buffer.AsSpan(0, wanted);
            _windowLength = !CachedOnly ? _file.Read(from, window) : _file.TryReadCached(from, window, out int read) ? read : 0;
            BytesRead += _windowLength;
        }

        return _buffer.AsSpan((int)(from - _windowFrom), (int)(_windowFrom + _windowLength - from));
    }
}
