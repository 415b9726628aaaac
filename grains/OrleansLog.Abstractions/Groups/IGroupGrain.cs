using System.Globalization;
using Orleans.Concurrency;

namespace OrleansLog;

/// <summary>
/// The door to one group's coordinator for callers on other processes. Its key comes from <see cref="GroupGrainKeys"/>. The group's own grain finds the
/// coordinator, wherever it is; the one that a broker asks another broker for is on that broker's silo, and answers NOT_COORDINATOR where that is not the
/// coordinator (any more).
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
/// <remarks>
/// <c>=group</c> is the group's own grain, which finds the coordinator; <c>3=group</c> is the group at broker 3. Orleans keeps the place that a grain without a
/// directory was given first for as long as that silo lives; a coordinator moves between silos that live, so the key of a call between brokers names the broker.
/// </remarks>
public static class GroupGrainKeys
{
    private const char Mark = '=';

    /// <summary>The grain of a group, which finds the coordinator.</summary>
    public static IGroupGrain GetGroup(this IGrainFactory grains, string groupId)
    {
        ArgumentNullException.ThrowIfNull(grains);
        return grains.GetGrain<IGroupGrain>(ToKey(groupId));
    }

    /// <summary>The grain of a group at a broker that should be its coordinator.</summary>
    public static IGroupGrain GetGroup(this IGrainFactory grains, string groupId, int brokerId)
    {
        ArgumentNullException.ThrowIfNull(grains);
        return grains.GetGrain<IGroupGrain>(ToKey(groupId, brokerId));
    }

    /// <summary>The grain key of a group.</summary>
    public static string ToKey(string groupId) => Mark + groupId;

    /// <summary>The grain key of a group at a broker.</summary>
    public static string ToKey(string groupId, int brokerId)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(brokerId);
        return string.Create(CultureInfo.InvariantCulture, $"{brokerId}{Mark}{groupId}");
    }

    /// <summary>The group of a grain key, and the broker; null where the key names none.</summary>
    /// <exception cref="FormatException">It is not such a key.</exception>
    public static (string GroupId, int? BrokerId) Parse(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var mark = key.IndexOf(Mark, StringComparison.Ordinal);
        if (mark == 0)
            return (key[1..], null);

        return mark > 0 && int.TryParse(key.AsSpan(0, mark), NumberStyles.None, CultureInfo.InvariantCulture, out var brokerId)
            ? (key[(mark + 1)..], brokerId)
            : throw new FormatException($"'{key}' is no key of a group's grain");
    }
}
