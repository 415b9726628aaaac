using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

public sealed partial class PartitionLog
{
    private const long DefaultMaxDecompressedBytes = 100L * 1024 * 1024;

    /// <summary>The largest timestamp in the log and the offset of its batch's last record; see <see cref="FindMaxTimestamp"/> for the record.</summary>
    /// <exception cref="DiskException">The disk failed.</exception>
    public TimestampOffset MaxTimestamp
    {
        get
        {
            TimestampOffset max = TimestampOffset.Unknown;
            foreach (LogSegment segment in Segments)
                max = segment.MaxTimestamp is var other && other.TimestampMs > max.TimestampMs ? other : max;
            return max;
        }
    }

    /// <summary>
    /// The first record at or after a timestamp, at or after the log start. It may lie above the high watermark: compare before
    /// telling a consumer (S3).
    /// </summary>
    /// <param name="timestampMs">Milliseconds since the Unix epoch.</param>
    /// <param name="maxDecompressedBytes">How large one compressed batch may become.</param>
    public TimestampSearch OffsetForTimestamp(long timestampMs, long maxDecompressedBytes = DefaultMaxDecompressedBytes)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            LogSegment[] segments = Segments;
            int at = 0;
            try
            {
                for (; at < segments.Length; at++)
                {
                    bool isBelowStart = at + 1 < segments.Length && segments[at + 1].BaseOffset <= LogStartOffset;
                    if (isBelowStart || segments[at].MaxTimestamp.TimestampMs < timestampMs)
                        continue;
                    TimestampSearch search = SearchIn(segments[at], timestampMs, maxDecompressedBytes);
                    if (search.Error != ErrorCode.None || search.Found.Offset >= 0)
                        return search;
                }

                return new TimestampSearch(ErrorCode.None, TimestampOffset.Unknown);
            }
            catch (DiskException error)
            {
                if (error.Kind != DiskErrorKind.NotFound || !segments[at].IsRetired || _isClosed)
                    return new TimestampSearch(ErrorCode.KafkaStorageError, TimestampOffset.Unknown, DiskError: error);
            }
        }

        return new TimestampSearch(ErrorCode.KafkaStorageError, TimestampOffset.Unknown);
    }

    private TimestampSearch SearchIn(LogSegment segment, long timestampMs, long maxDecompressedBytes)
    {
        OpenSegment lease = segment.Lease();
        try
        {
            long from = Math.Max(lease.Times.Lookup(timestampMs).Offset, LogStartOffset);
            long end = LogEndOffset;
            using var scanner = new BatchScanner(
                _environment, lease.File, lease.Offsets.PositionFor(from), segment.SizeInBytes, segment.BaseOffset, verifyCrc: false)
            {
                StepsOverDamageOf = segment,
            };
            while (true)
            {
                ScanStep step = scanner.Next();
                if (step == ScanStep.End || (step == ScanStep.Batch && scanner.Header.BaseOffset >= end))
                    return new TimestampSearch(ErrorCode.None, TimestampOffset.Unknown);
                if (step != ScanStep.Batch)
                {
                    if (!DiscoverDamage(segment, lease))
                        return new TimestampSearch(ErrorCode.None, TimestampOffset.Unknown);
                }
                else if (scanner.Header.MaxTimestamp >= timestampMs && scanner.Header.LastOffset >= LogStartOffset)
                {
                    TimestampSearch search = SearchBatch(segment, lease, scanner, timestampMs, maxDecompressedBytes);
                    if (search.Error != ErrorCode.None || search.Found.Offset >= 0)
                        return search;
                }
            }
        }
        finally
        {
            lease.Release();
        }
    }

    private TimestampSearch SearchBatch(LogSegment segment, OpenSegment lease, BatchScanner scanner, long timestampMs, long maxDecompressedBytes) =>
        OpenBatch(segment, lease, scanner, maxDecompressedBytes, records =>
        {
            foreach (ref readonly Record record in records)
            {
                if (record.TimestampMs >= timestampMs && record.Offset >= LogStartOffset)
                    return new TimestampSearch(ErrorCode.None, new TimestampOffset(record.TimestampMs, record.Offset), records.Header.PartitionLeaderEpoch);
            }

            return Nothing;
        });

    /// <summary>Opens the batch at hand and looks into it.</summary>
    private TimestampSearch OpenBatch(
        LogSegment segment, OpenSegment lease, BatchScanner scanner, long maxDecompressedBytes, Func<BatchRecords, TimestampSearch> look)
    {
        int size = (int)scanner.Header.SizeInBytes;
        byte[] buffer = _environment.Buffers.Rent(size);
        try
        {
            int read = lease.File.Read(scanner.Position, buffer.AsSpan(0, size));
            using BatchRecords? records = BatchRecords.Open(buffer.AsMemory(0, read), maxDecompressedBytes, out ErrorCode error);
            if (records is null)
            {
                DiscoverDamage(segment, lease);
                var damage = new SegmentDamage(
                    DamageKind.Unreadable, scanner.Position, scanner.Position + size, scanner.Header.BaseOffset, scanner.Header.NextOffset);
                return new TimestampSearch(error, TimestampOffset.Unknown, Damage: Describe(segment, segment.DamageAt(scanner.Position) ?? damage));
            }

            return look(records);
        }
        finally
        {
            _environment.Buffers.Return(buffer);
        }
    }
}
