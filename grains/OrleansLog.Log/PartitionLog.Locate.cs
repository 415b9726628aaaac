using OrleansLog.Protocol;

namespace OrleansLog.Log;

public sealed partial class PartitionLog
{
    private const int LocateWindowBytes = 4096;
    private const int MaxAttempts = 8;
    private readonly Lock _damaging = new();

    /// <summary>Where a read begins and how far it may go. Release the lease.</summary>
    private struct ReadPlan
    {
        internal LogSegment Segment;
        internal OpenSegment? Lease;
        internal int Position;
        internal int EndPosition;
        internal long UpperBound;
        internal long HintGeneration;
        internal bool VerifyAll;
        internal bool CachedOnly;
        internal bool IsCold;
        internal LogDamage? Damage;
        internal DiskException? DiskError;
    }

    /// <summary>Finds the batch that holds an offset; no lease where there is nothing to read, or where only the disk would tell and is not to be asked.</summary>
    private ErrorCode Locate(long offset, long upperBoundOffset, bool cachedOnly, out ReadPlan plan)
    {
        plan = default;
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            plan = new ReadPlan { HintGeneration = _hints.Generation, CachedOnly = cachedOnly };
            long end = LogEndOffset;
            if (offset < LogStartOffset || offset > end)
                return ErrorCode.OffsetOutOfRange;
            plan.UpperBound = Math.Min(upperBoundOffset, end);
            if (offset >= plan.UpperBound)
                return ErrorCode.None;
            LogSegment[] segments = Segments;
            int at = FloorIndex(segments, offset);
            try
            {
                for (; at >= 0 && at < segments.Length; at++)
                {
                    Found found = LocateIn(segments[at], offset, ref plan);
                    plan.IsCold = found == Found.Cold;
                    if (found is Found.Batch or Found.Cold)
                        return ErrorCode.None;
                    if (found == Found.Damage)
                        return ErrorCode.CorruptMessage;
                    if (found == Found.Changed)
                        break;
                }

                if (at < 0)
                    return ErrorCode.OffsetOutOfRange;
                if (at == segments.Length)
                    return ErrorCode.None;
            }
            catch (DiskException error)
            {
                // A segment that is no more was renamed away: the next round finds the log as it is now.
                if (error.Kind == DiskErrorKind.NotFound && segments[at].IsRetired && !_isClosed)
                    continue;
                plan.DiskError = error;
                return ErrorCode.KafkaStorageError;
            }
        }

        return ErrorCode.CorruptMessage;
    }

    private enum Found
    {
        Batch,
        Nothing,
        Damage,
        Changed,
        Cold,
    }

    private Found LocateIn(LogSegment segment, long offset, ref ReadPlan plan)
    {
        foreach (SegmentDamage damage in segment.Damage)
        {
            if (offset >= damage.FromOffset && offset < damage.ToOffset)
            {
                plan.Damage = Describe(segment, damage);
                return Found.Damage;
            }

            if (damage.FromOffset > offset)
                plan.UpperBound = Math.Min(plan.UpperBound, damage.FromOffset);
        }

        if (plan.CachedOnly && segment.Open is null)
            return Found.Cold;
        int size = segment.SizeInBytes;
        OpenSegment lease = segment.Lease();
        Found found = Found.Nothing;
        try
        {
            if (_hints.TryGet(segment, offset, out int position))
                found = position < size ? Found.Batch : Found.Nothing;
            else if (plan.CachedOnly && !lease.HasIndexes)
                found = Found.Cold;
            else
                found = Search(segment, lease, offset, size, plan.CachedOnly, out position);
            if (found == Found.Batch)
            {
                plan.Segment = segment;
                plan.Lease = lease;
                plan.Position = position;
                plan.EndPosition = EndBeforeDamage(segment, position, size);
            }

            return found;
        }
        finally
        {
            if (found != Found.Batch)
                lease.Release();
        }
    }

    private Found Search(LogSegment segment, OpenSegment lease, long offset, int size, bool cachedOnly, out int position, bool usesIndex = true)
    {
        int indexed = position = usesIndex ? lease.Offsets.PositionFor(offset) : 0;
        if (indexed >= size)
            return SearchWithoutIndex(segment, lease, offset, size, cachedOnly, out position);
        using var scanner = new BatchScanner(
            _environment, lease.File, position, size, segment.BaseOffset, verifyCrc: false, windowBytes: LocateWindowBytes)
        {
            StepsOverDamageOf = segment,
            CachedOnly = cachedOnly,
        };
        while (true)
        {
            ScanStep step = scanner.Next();
            if (step == ScanStep.End)
                return Found.Nothing;
            if (step != ScanStep.Batch)
            {
                if (cachedOnly)
                    return Found.Cold;
                if (DiscoverDamage(segment, lease) || segment.IsRetired)
                    return Found.Changed;
                return usesIndex ? SearchWithoutIndex(segment, lease, offset, size, cachedOnly, out position) : Found.Nothing;
            }

            if (scanner.Header.LastOffset >= offset)
            {
                // The index says that the batch there ends at or before the offset.
                position = (int)scanner.Position;
                bool isMisled = indexed > 0 && position == indexed && scanner.Header.LastOffset > offset;
                return isMisled ? SearchWithoutIndex(segment, lease, offset, size, cachedOnly, out position) : Found.Batch;
            }
        }
    }

    /// <summary>The index led astray, and the log is good: it is the index that is damaged.</summary>
    private Found SearchWithoutIndex(LogSegment segment, OpenSegment lease, long offset, int size, bool cachedOnly, out int position)
    {
        position = 0;
        if (cachedOnly)
            return Found.Cold;
        lease.RebuildIndexes();
        return Search(segment, lease, offset, size, cachedOnly, out position, usesIndex: false);
    }

    private static int EndBeforeDamage(LogSegment segment, int position, int size)
    {
        foreach (SegmentDamage damage in segment.Damage)
        {
            if (damage.Position > position)
                return (int)Math.Min(damage.Position, size);
        }

        return size;
    }

    /// <summary>
    /// Something in a segment cannot be read: reads it through once and takes note of what exactly, so that everything else is served.
    /// False if it is all good, or known already.
    /// </summary>
    private bool DiscoverDamage(LogSegment segment, OpenSegment lease)
    {
        lock (_damaging)
        {
            long end = LogEndOffset;
            long generation = Volatile.Read(ref _generation);
            int size = segment.SizeInBytes;
            LogSegment[] segments = Segments;
            int next = Array.IndexOf(segments, segment) + 1;
            long nextOffset = next == 0 || next == segments.Length ? end : segments[next].BaseOffset;

            // The active one may have grown by a batch that the end read above does not know.
            long endOffsetMax = next == segments.Length ? long.MaxValue : nextOffset;
            var scan = new SegmentScan(_environment, segment, lease.File, Settings, size, endOffsetMax);
            try
            {
                scan.Run();
            }
            finally
            {
                scan.ReleaseIndexes();
            }

            List<SegmentDamage> damage = [.. scan.Damage];
            if (scan.BadTail is { } kind)
                damage.Add(new SegmentDamage(kind, scan.GoodEnd, size, scan.NextOffset, Math.Max(nextOffset, scan.NextOffset + 1)));
            SegmentDamage[] known = segment.Damage;
            damage.AddRange(known.Where(old => !damage.Exists(found => found.FromOffset <= old.FromOffset && found.ToOffset >= old.ToOffset)));
            if (generation != Volatile.Read(ref _generation) || segment.IsRetired)
                return false;
            segment.Verified.Add(0, size);
            segment.HasHoles = scan.HasHoles;
            if (damage.Count == known.Length)
                return false;
            segment.Damage = [.. damage.OrderBy(range => range.Position)];
            return true;
        }
    }
}
