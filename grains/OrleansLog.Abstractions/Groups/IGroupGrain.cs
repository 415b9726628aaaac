using Orleans.Concurrency;

namespace OrleansLog;

/// <summary>
/// The door to one group's coordinator for callers on other processes. Its key comes from <see cref="GroupGrainKeys"/>; it is placed on the silo
/// that leads the group's partition of <c>__consumer_offsets</c>, and answers NOT_COORDINATOR where that is another one by now.
/// </summary>
/// <remarks>
/// Joins and syncs wait for the other members without a grain turn. A call may fail with an exception of Orleans when a silo dies; it is
/// then safe to call again, as with a socket that broke.
/// </remarks>
[Alias("olog.IGroupGrain")]
public interface IGroupGrain : IGrainWithStringKey
{
    /// <summary>Joins; waits until the generation begins, at most for the members' rebalance timeout.</summary>
    [Alias("Join"), AlwaysInterleave, ResponseTimeout("00:30:00")]
    ValueTask<JoinGroupResult> JoinAsync([Immutable] JoinGroupCall call);

    /// <summary>Asks for the assignment; waits until the leader has brought it.</summary>
    [Alias("Sync"), AlwaysInterleave, ResponseTimeout("00:30:00")]
    ValueTask<SyncGroupResult> SyncAsync([Immutable] SyncGroupCall call);

    /// <summary>Says that a member is alive.</summary>
    [Alias("Heartbeat"), AlwaysInterleave]
    ValueTask<ErrorCode> HeartbeatAsync([Immutable] HeartbeatCall call);

    /// <summary>Members leave.</summary>
    [Alias("Leave"), AlwaysInterleave]
    ValueTask<LeaveGroupResult> LeaveAsync([Immutable] LeaveGroupCall call);

    /// <summary>Commits offsets.</summary>
    [Alias("Commit"), AlwaysInterleave]
    ValueTask<CommitOffsetsResult> CommitAsync([Immutable] CommitOffsetsCall call);

    /// <summary>Reads committed offsets.</summary>
    [Alias("FetchOffsets"), AlwaysInterleave]
    ValueTask<FetchOffsetsResult> FetchOffsetsAsync([Immutable] FetchOffsetsCall call);

    /// <summary>Describes the group.</summary>
    [Alias("Describe"), AlwaysInterleave]
    ValueTask<GroupDescription> DescribeAsync();

    /// <summary>Deletes the group, which must be empty.</summary>
    [Alias("Delete"), AlwaysInterleave]
    ValueTask<ErrorCode> DeleteAsync();

    /// <summary>Deletes committed offsets of partitions that no member reads.</summary>
    [Alias("DeleteOffsets"), AlwaysInterleave]
    ValueTask<DeleteOffsetsResult> DeleteOffsetsAsync([Immutable] TopicPartition[] partitions);
}

/// <summary>Group ids as grain keys: Orleans takes no empty or blank key, Kafka takes every group id.</summary>
public static class GroupGrainKeys
{
    private const char Prefix = '=';

    /// <summary>The grain of a group.</summary>
    public static IGroupGrain GetGroup(this IGrainFactory grains, string groupId)
    {
        ArgumentNullException.ThrowIfNull(grains);
        return grains.GetGrain<IGroupGrain>(ToKey(groupId));
    }

    /// <summary>The grain key of a group.</summary>
    public static string ToKey(string groupId) => Prefix + groupId;

    /// <summary>The group of a grain key.</summary>
    /// <exception cref="FormatException">It is not such a key.</exception>
    public static string ToGroupId(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.StartsWith(Prefix) ? key[1..] : throw new FormatException($"'{key}' is no key of a group's grain");
    }
}
