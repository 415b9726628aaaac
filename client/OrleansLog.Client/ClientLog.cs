using Microsoft.Extensions.Logging;

namespace OrleansLog.Client;

/// <summary>What the SDK writes to the program's log; event ids 7000 to 7099.</summary>
internal sealed partial class ClientLog(ILogger logger)
{
    [LoggerMessage(7001, LogLevel.Error, "A delivery handler for {Partition} threw; handlers must not")]
    private static partial void LogHandlerThrew(ILogger logger, Exception error, TopicPartition partition);

    [LoggerMessage(7002, LogLevel.Error, "The transport threw for a batch of {Partition}; its outcome is unknown")]
    private static partial void LogTransportThrew(ILogger logger, Exception error, TopicPartition partition);

    [LoggerMessage(7003, LogLevel.Critical, "Background work of the client failed; this is a bug of OrleansLog")]
    private static partial void LogBackgroundFailed(ILogger logger, Exception error);

    [LoggerMessage(7016, LogLevel.Warning, "{Partition} was read up to offset {Position}, but an unclean election took what lay from {Diverging} on; going on at {Diverging}")]
    private static partial void LogTruncated(ILogger logger, TopicPartition partition, long position, long diverging);

    [LoggerMessage(7004, LogLevel.Warning, "Offset {Offset} of {Partition} does not exist; it has {Low} to {High}; going on at {Next}")]
    private static partial void LogOffsetReset(ILogger logger, TopicPartition partition, long offset, long low, long high, string next);

    [LoggerMessage(7005, LogLevel.Warning, "Group {Group} gave this member up; {Count} partitions are lost, their records since the last commit are delivered again")]
    private static partial void LogPartitionsLost(ILogger logger, string group, int count);

    [LoggerMessage(7006, LogLevel.Warning, "Group {Group}: the program worked on one read for more than {MaxPollIntervalMs} ms (MaxPollIntervalMs); leaving, to join again with the next read")]
    private static partial void LogMaxPollExceeded(ILogger logger, string group, int maxPollIntervalMs);

    [LoggerMessage(7007, LogLevel.Warning, "Group {Group}: an automatic commit failed; the next one covers its records, or they are delivered again")]
    private static partial void LogAutoCommitFailed(ILogger logger, Exception error, string group);

    [LoggerMessage(7008, LogLevel.Information, "Group {Group} was not told that this member leaves ({Error}); it finds out by the end of the session")]
    private static partial void LogLeaveFailed(ILogger logger, string group, ErrorCode error);

    [LoggerMessage(7009, LogLevel.Warning, "Group {Group}: its topics could not be looked at; the next look comes soon")]
    private static partial void LogTopicWatchFailed(ILogger logger, Exception error, string group);

    [LoggerMessage(7010, LogLevel.Warning, "The broker of {Partition} does not know this producer's last batches ({Error}): acknowledged records may have been lost there. Going on in a new epoch")]
    private static partial void LogSequenceLost(ILogger logger, TopicPartition partition, ErrorCode error);

    [LoggerMessage(
        7016, LogLevel.Warning,
        "Group {Group} cannot be joined yet: its coordinator answers {Error}; asked again until it can. A broker whose disk is full, or that is still starting, answers so: its log says which")]
    private static partial void LogJoinTakesLong(ILogger logger, string group, ErrorCode error);

    public void JoinTakesLong(string group, ErrorCode error) => LogJoinTakesLong(logger, group, error);

    public void SequenceLost(TopicPartition partition, ErrorCode error) => LogSequenceLost(logger, partition, error);

    [LoggerMessage(7015, LogLevel.Warning, "Group {Group}: attempt {Attempt} of {Attempts} at record {Offset} of {Partition} failed")]
    private static partial void LogAttemptFailed(ILogger logger, Exception error, string group, TopicPartition partition, long offset, int attempt, int attempts);

    [LoggerMessage(7011, LogLevel.Error, "Group {Group}: record {Offset} of {Partition} is given up after {Attempts} attempts")]
    private static partial void LogGaveUp(ILogger logger, Exception error, string group, TopicPartition partition, long offset, int attempts);

    [LoggerMessage(7012, LogLevel.Error, "Group {Group}: record {Offset} of {Partition} did not reach the dead-letter topic {Topic}; trying again")]
    private static partial void LogDeadLetterFailed(ILogger logger, Exception error, string group, TopicPartition partition, long offset, string topic);

    [LoggerMessage(7013, LogLevel.Critical, "The hosted consumer of group {Group} ends")]
    private static partial void LogHostedConsumerFailed(ILogger logger, Exception error, string group);

    [LoggerMessage(7014, LogLevel.Warning, "Group {Group}: {Count} records were still under way when the host could not wait longer; they are delivered again")]
    private static partial void LogDrainTimedOut(ILogger logger, string group, int count);

    public void AttemptFailed(Exception error, string group, TopicPartition partition, long offset, int attempt, int attempts) =>
        LogAttemptFailed(logger, error, group, partition, offset, attempt, attempts);

    public void GaveUp(Exception error, string group, TopicPartition partition, long offset, int attempts) =>
        LogGaveUp(logger, error, group, partition, offset, attempts);

    public void DeadLetterFailed(Exception error, string group, TopicPartition partition, long offset, string topic) =>
        LogDeadLetterFailed(logger, error, group, partition, offset, topic);

    public void HostedConsumerFailed(Exception error, string group) => LogHostedConsumerFailed(logger, error, group);

    public void DrainTimedOut(string group, int count) => LogDrainTimedOut(logger, group, count);

    public void PartitionsLost(string group, int count) => LogPartitionsLost(logger, group, count);

    public void MaxPollExceeded(string group, int maxPollIntervalMs) => LogMaxPollExceeded(logger, group, maxPollIntervalMs);

    public void AutoCommitFailed(Exception error, string group) => LogAutoCommitFailed(logger, error, group);

    public void LeaveFailed(string group, ErrorCode error) => LogLeaveFailed(logger, group, error);

    public void TopicWatchFailed(Exception error, string group) => LogTopicWatchFailed(logger, error, group);

    public void HandlerThrew(Exception error, TopicPartition partition) => LogHandlerThrew(logger, error, partition);

    public void TransportThrew(Exception error, TopicPartition partition) => LogTransportThrew(logger, error, partition);

    public void BackgroundFailed(Exception error) => LogBackgroundFailed(logger, error);

    public void Truncated(TopicPartition partition, long position, long divergingOffset) => LogTruncated(logger, partition, position, divergingOffset);

    public void OffsetReset(TopicPartition partition, long offset, long low, long high, string next) =>
        LogOffsetReset(logger, partition, offset, low, high, next);
}
