using OrleansLog.Protocol;

namespace OrleansLog.Log;

public sealed partial class PartitionLog
{
    /// <summary>As <see cref="Read"/>, but names the part of the file instead of copying it.</summary>
    /// <inheritdoc cref="Read"/>
    public LogSlice ReadSlice(long offset, int maxBytes, long upperBoundOffset, bool atLeastOneBatch)
    {
        ErrorCode error = Locate(offset, upperBoundOffset, out ReadPlan plan);
        if (error != ErrorCode.None)
            return LogSlice.Failed(error, plan.Damage, plan.DiskError);
        if (plan.Lease is null)
            return LogSlice.Empty(offset);
        bool isHandedOver = false;
        try
        {
            long wantedEnd = Math.Min(plan.EndPosition, (long)plan.Position + maxBytes);
            if (!plan.Segment.Verified.Covers(plan.Position, wantedEnd))
            {
                // The first read of these bytes in this process checks their CRCs (D15).
                using LogRead read = Read(offset, maxBytes, upperBoundOffset, atLeastOneBatch);
                if (read.Error != ErrorCode.None)
                    return LogSlice.Failed(read.Error, read.Damage, read.DiskError);
                isHandedOver = !read.Data.IsEmpty;
                return isHandedOver ? new LogSlice(plan.Lease, plan.Position, read.Data.Length, read.BaseOffset, read.NextOffset) : LogSlice.Empty(offset);
            }

            LogSlice slice = SliceOf(plan, offset, wantedEnd, atLeastOneBatch);
            isHandedOver = slice.Length > 0;
            return slice;
        }
        catch (DiskException failure)
        {
            return LogSlice.Failed(ErrorCode.KafkaStorageError, null, failure);
        }
        finally
        {
            if (!isHandedOver)
                plan.Lease.Release();
        }
    }

    /// <summary>Finds the last batch that still belongs to the slice: from the index, and a few headers.</summary>
    private LogSlice SliceOf(in ReadPlan plan, long offset, long wantedEnd, bool atLeastOneBatch)
    {
        using var scanner = new BatchScanner(
            _environment, plan.Lease!.File, plan.Position, plan.EndPosition, plan.Segment.BaseOffset, verifyCrc: false, LocateWindowBytes);
        if (scanner.Next() != ScanStep.Batch || scanner.Header.NextOffset > plan.UpperBound)
            return LogSlice.Empty(offset);
        long baseOffset = scanner.Header.BaseOffset;
        long end = plan.Position + scanner.Header.SizeInBytes;
        long next = scanner.Header.NextOffset;
        if (end > wantedEnd)
            return atLeastOneBatch ? new LogSlice(plan.Lease, plan.Position, (int)(end - plan.Position), baseOffset, next) : LogSlice.Empty(offset);

        OffsetIndex index = plan.Lease.Offsets;
        long nearEnd = Math.Min(index.PositionFor(plan.UpperBound - 1), index.PositionAtOrBelow(wantedEnd));
        if (nearEnd > end)
            scanner.MoveTo(nearEnd, next);
        while (scanner.Next() == ScanStep.Batch && scanner.Header.NextOffset <= plan.UpperBound
            && scanner.Position + scanner.Header.SizeInBytes <= wantedEnd)
        {
            end = scanner.Position + scanner.Header.SizeInBytes;
            next = scanner.Header.NextOffset;
        }

        // The index led to a batch that does not fit: what is in front of it needs its headers read one by one.
        if (scanner.Position == nearEnd && end < nearEnd)
        {
            scanner.MoveTo(end, next);
            while (scanner.Next() == ScanStep.Batch && scanner.Position < nearEnd)
            {
                end = scanner.Position + scanner.Header.SizeInBytes;
                next = scanner.Header.NextOffset;
            }
        }

        _hints.Set(plan.Segment, next, (int)end, plan.HintGeneration);
        return new LogSlice(plan.Lease, plan.Position, (int)(end - plan.Position), baseOffset, next);
    }
}
