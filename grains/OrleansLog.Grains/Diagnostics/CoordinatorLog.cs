using Microsoft.Extensions.Logging;

namespace OrleansLog.Grains.Diagnostics;

/// <summary>What the coordinators of groups log, with event ids from 2200.</summary>
internal static partial class CoordinatorLog
{
    [LoggerMessage(2200, LogLevel.Warning, "__consumer_offsets cannot be made, so no group has a coordinator: {Error} {Reason}. Look at offsets.topic.replication.factor")]
    public static partial void OffsetsTopicNotCreated(this ILogger logger, ErrorCode error, string? reason);

    [LoggerMessage(EventId = 2201, Message = "Coordinator of {Partition} under leader epoch {LeaderEpoch} has loaded {Groups} groups from {Records} records in {Duration}")]
    public static partial void ShardLoaded(
        this ILogger logger, LogLevel level, TopicPartition partition, int leaderEpoch, int groups, long records, TimeSpan duration);

    [LoggerMessage(2202, LogLevel.Error, "Coordinator of {Partition} cannot load ({Error}): {Reason}. Its groups have no coordinator until that works; it is tried again")]
    public static partial void ShardLoadFailed(this ILogger logger, TopicPartition partition, ErrorCode error, string? reason);

    [LoggerMessage(2203, LogLevel.Information, "Coordinator of {Partition} steps down from leader epoch {LeaderEpoch} with {Groups} groups")]
    public static partial void ShardSteppedDown(this ILogger logger, TopicPartition partition, int leaderEpoch, int groups);

    [LoggerMessage(2204, LogLevel.Warning, "Coordinator of {Partition} does not know whether its last records are stored ({Error}); it loads again")]
    public static partial void ShardReloads(this ILogger logger, TopicPartition partition, ErrorCode error);

    [LoggerMessage(2205, LogLevel.Warning, "Records of group {Group} were refused: {Error}")]
    public static partial void GroupAppendRefused(this ILogger logger, string group, ErrorCode error);

    [LoggerMessage(2206, LogLevel.Warning, "{Partition} has a batch at offset {Offset} that cannot be read ({Error}); groups are loaded without it")]
    public static partial void ShardRecordUnreadable(this ILogger logger, TopicPartition partition, long offset, ErrorCode error);

    [LoggerMessage(2207, LogLevel.Error, "A decision about group {Group} failed; its coordinator loads again")]
    public static partial void GroupDecisionFailed(this ILogger logger, string group, Exception error);

    [LoggerMessage(2208, LogLevel.Debug, "Group {Group} is refused {Bytes} bytes for its members; those of all groups hold {Taken}. Look at orleanslog.group.members.max.bytes")]
    public static partial void GroupMembersLackRoom(this ILogger logger, string group, long bytes, long taken);
}
