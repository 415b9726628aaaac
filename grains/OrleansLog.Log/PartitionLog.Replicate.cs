using System.Runtime.InteropServices;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

public sealed partial class PartitionLog
{
    /// <summary>Appends batches that have their offsets and epochs already, as a follower does. All or nothing.</summary>
    /// <param name="batches">Whole batches, one per memory, already validated.</param>
    /// <param name="nowMs">The time, in milliseconds since the Unix epoch.</param>
    /// <exception cref="ArgumentException">A batch's base offset lies below the log end, or below the batch before it.</exception>
    public AppendOutcome AppendReplicated(ReadOnlySpan<Memory<byte>> batches, long nowMs)
    {
        long next = _logEndOffset;
        foreach (Memory<byte> batch in batches)
        {
            RecordBatchHeader header = HeaderOf(batch.Span);
            if (header.BaseOffset < next)
                throw new ArgumentException($"{Name}: a batch at offset {header.BaseOffset} cannot follow offset {next - 1}.", nameof(batches));
            next = header.NextOffset;
        }

        return AppendPlaced(batches, KeepEpochs, nowMs);
    }

    /// <summary>
    /// Takes apart what a leader sent for the end of this log: whole batches with good checksums that go on where the log ends, and are of no later
    /// epoch than the leader's.
    /// </summary>
    /// <param name="records">What came, from the batch on that holds the offset that was asked for.</param>
    /// <param name="leaderEpoch">The leader's epoch.</param>
    /// <param name="batches">Gets the batches for <see cref="AppendReplicated"/>, in the memory of <paramref name="records"/>.</param>
    /// <param name="reason">What is wrong; empty where nothing is.</param>
    /// <returns>False where something is wrong, or there is nothing to append.</returns>
    public bool TrySplitReplicated(ReadOnlyMemory<byte> records, int leaderEpoch, List<Memory<byte>> batches, out string reason)
    {
        ArgumentNullException.ThrowIfNull(batches);
        long next = _logEndOffset;
        while (RecordBatches.TryTakeNext(ref records, out ReadOnlyMemory<byte> batch, out _))
        {
            RecordBatchHeader.TryRead(batch.Span, out RecordBatchHeader header);

            // A read begins with the batch that holds the offset; one that ends before it is here already.
            if (batches.Count == 0 && header.LastOffset < next)
                continue;
            if (header.BaseOffset < next || header.PartitionLeaderEpoch > leaderEpoch)
            {
                reason = $"a batch at offset {header.BaseOffset} of epoch {header.PartitionLeaderEpoch} cannot follow offset {next - 1} under leader epoch {leaderEpoch}";
                return false;
            }

            if (RecordBatchHeader.ComputeCrc(batch.Span) != header.Crc)
            {
                reason = $"the checksum of the batch at offset {header.BaseOffset} is wrong";
                return false;
            }

            batches.Add(MemoryMarshal.AsMemory(batch));
            next = header.NextOffset;
        }

        reason = records.Length > 0 ? $"{records.Length} bytes behind offset {next - 1} are no whole batch" : batches.Count == 0 ? "it has no batch" : "";
        return reason.Length == 0;
    }
}
