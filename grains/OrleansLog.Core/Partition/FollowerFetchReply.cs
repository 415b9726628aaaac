using OrleansLog.Protocol;

namespace OrleansLog.Core.Partition;

/// <summary>What the leader answered, without the bytes.</summary>
/// <param name="Asked">The fetch that it answers; an answer to another one than the last is ignored.</param>
/// <param name="Error">Its error.</param>
/// <param name="Diverging">Where histories part, or null.</param>
/// <param name="HighWatermark">The leader's high watermark.</param>
/// <param name="LeaderLogStartOffset">The leader's log start offset, or -1 when it is not known.</param>
/// <param name="LeaderLogEndOffset">The leader's log end offset, or -1; needed with <see cref="ErrorCode.OffsetOutOfRange"/>.</param>
/// <param name="Bytes">Size of the records that came.</param>
public readonly record struct FollowerFetchReply(
    FollowerFetch Asked, ErrorCode Error, DivergingEpoch? Diverging, long HighWatermark, long LeaderLogStartOffset, long LeaderLogEndOffset, int Bytes);
