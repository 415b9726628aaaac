using OrleansLog.Core.Partition;

namespace OrleansLog.Grains;

/// <summary>What a leader answers to a follower's <see cref="ReplicaPosition"/>.</summary>
public readonly record struct ReplicaAnswer
{
    /// <summary>Topic id.</summary>
    public required Guid TopicId { get; init; }

    /// <summary>Partition number, from 0.</summary>
    public required int Partition { get; init; }

    /// <summary>Leader epoch of the position that it answers: a follower may have asked something else by now.</summary>
    public required int AskedLeaderEpoch { get; init; }

    /// <summary>Fetch offset of the position that it answers.</summary>
    public required long AskedOffset { get; init; }

    /// <summary><see cref="ErrorCode.None"/>, or why there is nothing.</summary>
    public ErrorCode Error { get; init; }

    /// <summary>The leader's high watermark, or -1.</summary>
    public long HighWatermark { get; init; }

    /// <summary>The leader's log start offset, or -1.</summary>
    public long LogStartOffset { get; init; }

    /// <summary>The leader's log end offset with <see cref="ErrorCode.OffsetOutOfRange"/>, else -1.</summary>
    public long LogEndOffset { get; init; }

    /// <summary>Where the follower's history leaves the leader's, or null.</summary>
    public DivergingEpoch? Diverging { get; init; }

    /// <summary>Whole batches from the position on; whoever handed them over owns the memory.</summary>
    public ReadOnlyMemory<byte> Records { get; init; }
}
