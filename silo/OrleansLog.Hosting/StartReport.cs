using Microsoft.Extensions.Logging;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains.Disk;

namespace OrleansLog.Hosting;

/// <summary>What an operator should know about the settings, once, at start.</summary>
/// <param name="All">The notices, in the order of the settings.</param>
public sealed record StartNotices(IReadOnlyList<ConfigNotice> All);

/// <summary>Logs the notices when the silo starts.</summary>
internal sealed partial class StartReport(StartNotices notices, BrokerConfig config, ILogger<StartReport> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(StartReport), ServiceLifecycleStage.RuntimeInitialize, _ =>
        {
            if (config.IsBroker)
                LogStart(config.NodeId, string.Join(", ", config.LogDirs));
            else
                LogControllerStart(config.NodeId);

            foreach (var notice in notices.All.Where(n => n.Kind != ConfigNoticeKind.Repaired))
            {
                LogNotice(notice.Message);
            }

            var repaired = notices.All.Where(n => n.Kind == ConfigNoticeKind.Repaired).Select(n => n.Name).ToArray();
            if (repaired.Length > 0)
            {
                LogRepaired(repaired.Length, string.Join(", ", repaired));
            }

            var needed = FileHandles.NeededFor(config.SegmentCacheMax, config.MaxConnections);
            if (config.IsBroker && FileHandles.Limit < needed)
            {
                LogFewHandles(FileHandles.Limit, needed, FileHandles.ConnectionsEnd, FileHandles.SegmentsOf(config.SegmentCacheMax));
            }

            return Task.CompletedTask;
        });

    [LoggerMessage(1001, LogLevel.Information, "OrleansLog broker {NodeId} starts with its data in {Directories}")]
    private partial void LogStart(int nodeId, string directories);

    [LoggerMessage(1005, LogLevel.Information, "OrleansLog controller {NodeId} starts; it serves no data")]
    private partial void LogControllerStart(int nodeId);

    [LoggerMessage(1002, LogLevel.Warning, "Configuration: {Notice}")]
    private partial void LogNotice(string notice);

    [LoggerMessage(1004, LogLevel.Warning, "This process may have {Limit} files and sockets open, and its settings ask for {Needed}, and one for each partition: connections are closed when {ConnectionsEnd} are open, {Segments} closed segments stay open. Raise the limit (ulimit -n, LimitNOFILE)")]
    private partial void LogFewHandles(int limit, long needed, int connectionsEnd, int segments);

    [LoggerMessage(1003, LogLevel.Warning, "Configuration: what follows ' #' was taken for a comment in {Count} values: {Names}")]
    private partial void LogRepaired(int count, string names);
}
