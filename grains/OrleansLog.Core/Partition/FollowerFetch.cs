namespace OrleansLog.Core.Partition;

/// <summary>What a follower asks its leader for.</summary>
/// <param name="FetchOffset">Its log end offset.</param>
/// <param name="CurrentLeaderEpoch">The leader epoch that it follows.</param>
/// <param name="LastFetchedEpoch">The latest epoch of its history, or -1.</param>
/// <param name="LogStartOffset">Its log start offset.</param>
/// <param name="StoredEndOffset">How far its log counts as stored under the flush policy (D4).</param>
/// <param name="HasLost">Whether it says that records from <paramref name="FetchOffset"/> on, which it may have acknowledged, cannot be read any more (D15).</param>
public readonly record struct FollowerFetch(
    long FetchOffset, int CurrentLeaderEpoch, int LastFetchedEpoch, long LogStartOffset, long StoredEndOffset, bool HasLost = false);
