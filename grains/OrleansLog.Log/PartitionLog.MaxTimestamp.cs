using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

public sealed partial class PartitionLog
{
    /// <summary>
    /// The first record that has the largest timestamp of those at or after the log start. It may lie above the high watermark: compare
    /// before telling a consumer (S3). Headers only say where to look: the largest record of a batch may lie below the log start, and what
    /// a compressed batch's header says of it nobody has checked.
    /// </summary>
    /// <param name="maxDecompressedBytes">How large one compressed batch may become.</param>
    public TimestampSearch FindMaxTimestamp(long maxDecompressedBytes = DefaultMaxDecompressedBytes)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            LogSegment[] segments = Segments;
            try
            {
                TimestampSearch best = Nothing;
                foreach (LogSegment segment in ByLargestClaim(segments))
                {
                    TimestampOffset claimed = segment.MaxTimestamp;
                    if (!MayBeat(best, claimed.TimestampMs, segment.BaseOffset))
                        continue;
                    TimestampSearch search = FindMaxIn(segment, claimed, maxDecompressedBytes);
                    if (search.Error != ErrorCode.None)
                        return search;
                    best = Larger(best, search);
                }

                return best;
            }
            catch (DiskException error)
            {
                if (error.Kind != DiskErrorKind.NotFound || _isClosed || !Array.Exists(segments, segment => segment.IsRetired))
                    return new TimestampSearch(ErrorCode.KafkaStorageError, TimestampOffset.Unknown, DiskError: error);
            }
        }

        return new TimestampSearch(ErrorCode.KafkaStorageError, TimestampOffset.Unknown);
    }

    private static TimestampSearch Nothing => new(ErrorCode.None, TimestampOffset.Unknown);

    /// <summary>So that the rest need not be looked into; where claims are equal, the first segment's.</summary>
    private IEnumerable<LogSegment> ByLargestClaim(LogSegment[] segments)
    {
        long start = LogStartOffset;
        int first = Math.Max(0, FloorIndex(segments, start));
        return segments[first..].Where(segment => segment.MaxTimestamp.TimestampMs >= 0)
            .OrderByDescending(segment => segment.MaxTimestamp.TimestampMs).ThenBy(segment => segment.BaseOffset);
    }

    /// <summary>Whether what claims a timestamp and begins at an offset may hold a larger one than was found, or as large a one before it.</summary>
    private static bool MayBeat(in TimestampSearch best, long claimedMs, long baseOffset) =>
        claimedMs > best.Found.TimestampMs || (claimedMs == best.Found.TimestampMs && baseOffset < best.Found.Offset);

    private static TimestampSearch Larger(in TimestampSearch one, in TimestampSearch other) =>
        other.Found.Offset >= 0 && MayBeat(one, other.Found.TimestampMs, other.Found.Offset) ? other : one;

    private TimestampSearch FindMaxIn(LogSegment segment, TimestampOffset claimed, long maxDecompressedBytes)
    {
        OpenSegment lease = segment.Lease();
        try
        {
            var walk = new MaxWalk(this, segment, lease, maxDecompressedBytes);

            // Nearly always: the batch that the index names is there as a whole, and has what its header says.
            if (claimed.Offset >= LogStartOffset)
            {
                TimestampSearch named = walk.OpenFirst(claimed);
                if (named.Error != ErrorCode.None || named.Found.TimestampMs >= claimed.TimestampMs)
                    return named;
            }

            TimestampSearch best = walk.OpenLargest(out long largest);
            return best.Error != ErrorCode.None || best.Found.TimestampMs >= largest ? best : walk.OpenAll(best);
        }
        finally
        {
            lease.Release();
        }
    }

    /// <summary>Walks over the headers of a segment from the log start on, and opens the batches that may hold its largest timestamp.</summary>
    private sealed class MaxWalk(PartitionLog log, LogSegment segment, OpenSegment lease, long maxDecompressedBytes)
    {
        private readonly long _start = log.LogStartOffset;
        private readonly long _end = log.LogEndOffset;

        /// <summary>Opens the batch that holds an offset, if its header claims the timestamp.</summary>
        internal TimestampSearch OpenFirst(TimestampOffset claimed)
        {
            using BatchScanner scanner = Scan(claimed.Offset);
            bool isFound = Next(scanner, claimed.Offset) && scanner.Header.MaxTimestamp == claimed.TimestampMs;
            return isFound ? Open(scanner) : Nothing;
        }

        /// <summary>Opens what the log start cuts in two, and the batch with the largest claim behind it.</summary>
        internal TimestampSearch OpenLargest(out long largest)
        {
            TimestampSearch best = Nothing;
            var pending = TimestampOffset.Unknown;
            largest = -1;
            using (BatchScanner scanner = Scan(_start))
            {
                while (Next(scanner, _start))
                {
                    if (scanner.Header.BaseOffset < _start)
                        best = Open(scanner);
                    else if (scanner.Header.MaxTimestamp > pending.TimestampMs)
                        pending = new TimestampOffset(scanner.Header.MaxTimestamp, scanner.Header.BaseOffset);
                    if (best.Error != ErrorCode.None)
                        return best;
                }
            }

            largest = pending.TimestampMs;
            if (pending.TimestampMs <= best.Found.TimestampMs)
                return best;
            TimestampSearch search = OpenFirst(pending);
            return search.Error != ErrorCode.None ? search : Larger(best, search);
        }

        /// <summary>Headers lie here: every batch is opened that claims more than was found.</summary>
        internal TimestampSearch OpenAll(TimestampSearch best)
        {
            using BatchScanner scanner = Scan(_start);
            while (Next(scanner, _start))
            {
                if (!MayBeat(best, scanner.Header.MaxTimestamp, scanner.Header.BaseOffset))
                    continue;
                TimestampSearch search = Open(scanner);
                if (search.Error != ErrorCode.None)
                    return search;
                best = Larger(best, search);
            }

            return best;
        }

        private BatchScanner Scan(long from) =>
            new(log._environment, lease.File, lease.Offsets.PositionFor(from), segment.SizeInBytes, segment.BaseOffset, verifyCrc: false)
            {
                StepsOverDamageOf = segment,
            };

        /// <summary>Steps to the next batch that ends at or after an offset.</summary>
        private bool Next(BatchScanner scanner, long from)
        {
            while (true)
            {
                ScanStep step = scanner.Next();
                if (step == ScanStep.End || (step == ScanStep.Batch && scanner.Header.BaseOffset >= _end))
                    return false;
                if (step != ScanStep.Batch && !log.DiscoverDamage(segment, lease))
                    return false;
                if (step == ScanStep.Batch && scanner.Header.LastOffset >= from)
                    return true;
            }
        }

        private TimestampSearch Open(BatchScanner scanner) =>
            log.OpenBatch(segment, lease, scanner, maxDecompressedBytes, Largest);

        private TimestampSearch Largest(BatchRecords records)
        {
            var max = TimestampOffset.Unknown;
            foreach (ref readonly Record record in records)
            {
                if (record.Offset >= _start && record.TimestampMs > max.TimestampMs)
                    max = new TimestampOffset(record.TimestampMs, record.Offset);
            }

            return max.Offset < 0 ? Nothing : new TimestampSearch(ErrorCode.None, max, records.Header.PartitionLeaderEpoch);
        }
    }
}
