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

    [LoggerMessage(7004, LogLevel.Warning, "Offset {Offset} of {Partition} does not exist; it has {Low} to {High}; going on at {Next}")]
    private static partial void LogOffsetReset(ILogger logger, TopicPartition partition, long offset, long low, long high, string next);

    public void HandlerThrew(Exception error, TopicPartition partition) => LogHandlerThrew(logger, error, partition);

    public void TransportThrew(Exception error, TopicPartition partition) => LogTransportThrew(logger, error, partition);

    public void BackgroundFailed(Exception error) => LogBackgroundFailed(logger, error);

    public void OffsetReset(TopicPartition partition, long offset, long low, long high, string next) =>
        LogOffsetReset(logger, partition, offset, low, high, next);
}
