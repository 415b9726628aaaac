using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

public sealed partial class PartitionLog
{
    /// <summary>Reads whole batches from the one that holds <paramref name="offset"/> on, out of one segment.</summary>
    /// <param name="offset">The first offset wanted.</param>
    /// <param name="maxBytes">No more than this, see <paramref name="atLeastOneBatch"/>.</param>
    /// <param name="upperBoundOffset">Exclusive: high watermark, last stable offset or log end.</param>
    /// <param name="atLeastOneBatch">Return the first batch even if it is larger than <paramref name="maxBytes"/>.</param>
    /// <param name="cachedOnly">
    /// Do not wait for the disk: <see cref="LogRead.IsCold"/> where the system does not have what is wanted in memory, as far as the disk can tell
    /// (<see cref="IDiskFile.TryReadCached"/>).
    /// </param>
    public LogRead Read(long offset, int maxBytes, long upperBoundOffset, bool atLeastOneBatch, bool cachedOnly = false) =>
        ReadAttempt(offset, maxBytes, upperBoundOffset, atLeastOneBatch, verifyAll: false, cachedOnly, attempt: 0);

    private LogRead ReadAttempt(long offset, int maxBytes, long upperBoundOffset, bool atLeastOneBatch, bool verifyAll, bool cachedOnly, int attempt)
    {
        ErrorCode error = Locate(offset, upperBoundOffset, cachedOnly, out ReadPlan plan);
        if (error != ErrorCode.None)
            return LogRead.Failed(error, plan.Damage, plan.DiskError);
        if (plan.IsCold)
            return LogRead.Cold(offset);
        if (plan.Lease is null)
            return LogRead.Empty(offset);
        plan.VerifyAll = verifyAll;
        try
        {
            byte[]? buffer = ReadBatches(plan, offset, maxBytes, atLeastOneBatch, out BatchRun run);
            if (run.Bytes > 0)
            {
                _hints.Set(plan.Segment, run.NextOffset, plan.Position + run.Bytes, plan.HintGeneration);
                bool hasMore = run.NextOffset < Math.Min(upperBoundOffset, LogEndOffset);
                return new LogRead(_environment.Buffers, buffer, buffer.AsMemory(0, run.Bytes), run.BaseOffset, run.NextOffset, hasMore);
            }

            if (buffer is not null)
                _environment.Buffers.Return(buffer);
            if (run.IsCold || (run.IsDamaged && cachedOnly))
                return LogRead.Cold(offset);
            if (!run.IsDamaged)
                return LogRead.Empty(offset, hasMore: run.FirstBatchBytes > 0);
            // Cut off or renamed away while it was read, or damaged: once the segment was read through, the next round knows.
            DiscoverDamage(plan.Segment, plan.Lease);
            return attempt < MaxAttempts ? ReadAttempt(offset, maxBytes, upperBoundOffset, atLeastOneBatch, verifyAll, cachedOnly, attempt + 1)
                : LogRead.Failed(ErrorCode.CorruptMessage, Describe(plan.Segment, new SegmentDamage(
                    DamageKind.Unreadable, plan.Position, plan.EndPosition, offset, Math.Max(offset + 1, plan.UpperBound))));
        }
        catch (DiskException failure)
        {
            return LogRead.Failed(ErrorCode.KafkaStorageError, null, failure);
        }
        finally
        {
            plan.Lease.Release();
        }
    }

    private byte[]? ReadBatches(in ReadPlan plan, long offset, int maxBytes, bool atLeastOneBatch, out BatchRun run)
    {
        int available = plan.EndPosition - plan.Position;
        int wanted = Math.Min(available, Math.Max(maxBytes, RecordBatchHeader.Size));
        byte[] buffer = _environment.Buffers.Rent(wanted);
        try
        {
            if (!TryRead(plan, buffer.AsSpan(0, wanted), out int read))
            {
                run = new BatchRun { IsCold = true };
                return buffer;
            }

            run = Walk(plan, offset, buffer.AsSpan(0, read), maxBytes, available);
            if (run.Bytes > 0 || run.FirstBatchBytes <= maxBytes || !atLeastOneBatch)
                return buffer;

            int first = run.FirstBatchBytes;
            if (first > buffer.Length)
            {
                _environment.Buffers.Return(buffer);
                buffer = [];
                buffer = _environment.Buffers.Rent(first);
            }

            run = TryRead(plan, buffer.AsSpan(0, first), out read)
                ? Walk(plan, offset, buffer.AsSpan(0, read), first, available)
                : new BatchRun { IsCold = true };
            return buffer;
        }
        catch
        {
            _environment.Buffers.Return(buffer);
            throw;
        }
    }

    private static bool TryRead(in ReadPlan plan, Span<byte> buffer, out int read)
    {
        if (plan.CachedOnly)
            return plan.Lease!.File.TryReadCached(plan.Position, buffer, out read);

        read = plan.Lease!.File.Read(plan.Position, buffer);
        return true;
    }

    /// <summary>Takes whole batches below the upper bound; checks the CRCs of those that nobody has checked in this process (D15).</summary>
    private BatchRun Walk(in ReadPlan plan, long offset, ReadOnlySpan<byte> bytes, int maxBytes, int available)
    {
        var run = new BatchRun { BaseOffset = -1, NextOffset = -1 };
        bool verify = plan.VerifyAll || !plan.Segment.Verified.Covers(plan.Position, plan.Position + bytes.Length);
        long minOffset = plan.Segment.BaseOffset;

        // A base offset lies outside the CRC: one that jumps ahead may be damaged, until it is known that the segment has holes.
        bool mayJump = !verify || plan.Segment.HasHoles || Settings.IsCompacted;
        while (RecordBatchHeader.TryRead(bytes[run.Bytes..], out RecordBatchHeader header))
        {
            run.IsDamaged = !BatchScanner.IsPlausible(header, available - run.Bytes) || header.BaseOffset < minOffset
                || !BatchScanner.IsInReach(header, plan.Segment.BaseOffset);
            if (!run.IsDamaged && header.NextOffset > plan.UpperBound)
            {
                // Usually the end of what may be read; but if nobody has checked it, it may be a lie about the batch's last offset.
                run.IsDamaged = verify && run.Bytes == 0;
                break;
            }

            run.IsDamaged |= !mayJump && header.BaseOffset > (run.Bytes == 0 ? offset : minOffset);
            if (run.IsDamaged)
                break;
            if (run.Bytes == 0)
                run.FirstBatchBytes = (int)header.SizeInBytes;
            long end = run.Bytes + header.SizeInBytes;
            if (end > maxBytes || end > bytes.Length)
                break;
            run.IsDamaged = verify && RecordBatchHeader.ComputeCrc(bytes[run.Bytes..(int)end]) != header.Crc;
            if (run.IsDamaged)
                break;
            if (run.Bytes == 0)
                run.BaseOffset = header.BaseOffset;
            run.Bytes = (int)end;
            run.NextOffset = minOffset = header.NextOffset;
        }

        // No whole batch, though the segment has one that fits: the file is shorter than it was.
        run.IsDamaged |= run.Bytes == 0 && (bytes.Length < RecordBatchHeader.Size || (run.FirstBatchBytes > bytes.Length && run.FirstBatchBytes <= maxBytes));
        if (verify && run.Bytes > 0)
            plan.Segment.Verified.Add(plan.Position, plan.Position + run.Bytes);
        return run;
    }

    private struct BatchRun
    {
        internal int Bytes;
        internal int FirstBatchBytes;
        internal long BaseOffset;
        internal long NextOffset;
        internal bool IsDamaged;
        internal bool IsCold;
    }
}
