namespace OrleansLog.Grains;

/// <summary>Where a leader epoch ended.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/>, or why there is no answer.</param>
/// <param name="LeaderEpoch">The largest epoch that is not above the one asked for, or -1 when none is known.</param>
/// <param name="EndOffset">The first offset that is not of that epoch, or -1.</param>
public readonly record struct LeaderEpochEnd(ErrorCode Error, int LeaderEpoch, long EndOffset);
