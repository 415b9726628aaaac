namespace OrleansLog.Core.Partition;

/// <summary>Where the leader's history leaves that of a follower: its largest epoch not above the follower's last one, and that epoch's end.</summary>
/// <param name="Epoch">The leader epoch.</param>
/// <param name="EndOffset">The offset after its last record in the leader's log.</param>
public readonly record struct DivergingEpoch(int Epoch, long EndOffset);
