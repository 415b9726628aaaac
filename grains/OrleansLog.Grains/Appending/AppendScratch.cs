using OrleansLog.Core.Partition;

namespace OrleansLog.Grains.Appending;

/// <summary>
/// Lists that an appender uses again for every group, so that a group allocates nothing. What is in the queues has no answer yet: a request
/// leaves its queue before it is given to whoever answers it, so that after a failure it is known who is left.
/// </summary>
internal sealed class AppendScratch
{
    public Queue<AppendRequest> Accepted { get; } = [];

    public Queue<(AppendRequest Request, ErrorCode Error)> Refused { get; } = [];

    /// <summary>Repetitions of what is stored already, or is about to be with this group.</summary>
    public Queue<AppendRequest> Duplicates { get; } = [];

    public List<Memory<byte>> Batches { get; } = [];

    public long[] BaseOffsets { get; private set; } = new long[64];

    public PartitionDecisions<AppendRequest> Decisions { get; } = new();

    public Span<long> BaseOffsetsFor(int count)
    {
        if (BaseOffsets.Length < count)
            BaseOffsets = new long[Math.Max(count, BaseOffsets.Length * 2)];

        return BaseOffsets.AsSpan(0, count);
    }

    public void Clear()
    {
        Accepted.Clear();
        Refused.Clear();
        Duplicates.Clear();
        Batches.Clear();
        Decisions.Clear();
    }
}
