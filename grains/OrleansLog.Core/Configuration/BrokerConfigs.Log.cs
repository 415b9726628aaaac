using static OrleansLog.Core.Configuration.ConfigNote;
using static OrleansLog.Core.Configuration.ConfigUpdateMode;

namespace OrleansLog.Core.Configuration;

public static partial class BrokerConfigs
{
    private static ConfigNote CleanerLater => NotYet("the log cleaner; compacted topics keep everything until it comes");

    private static void AddLog(ConfigTableBuilder table)
    {
        AddSegments(table);
        AddFlush(table);
        AddCleaner(table.Group("Compaction"));
    }

    private static void AddSegments(ConfigTableBuilder table) => table
        .Text("log.dir", "./data", "The one log directory; log.dirs goes first.")
        .List("log.dirs", null, "The log directories, best one per disk; a partition lives in one of them.")
        .Int("log.segment.bytes", 1_073_741_824, "Default of the topic key segment.bytes.", min: TopicConfigs.MinSegmentBytes, unit: ConfigUnit.Bytes, update: ClusterWide)
        .Long("log.roll.ms", null, "Default of the topic key segment.ms; goes before log.roll.hours.", min: 1, unit: ConfigUnit.Milliseconds, update: ClusterWide)
        .Int("log.roll.hours", 168, "Default of the topic key segment.ms, in hours.", min: 1, unit: ConfigUnit.Hours)
        .Long("log.roll.jitter.ms", null, "Default of the topic key segment.jitter.ms; goes before log.roll.jitter.hours.", min: 0, unit: ConfigUnit.Milliseconds, update: ClusterWide)
        .Int("log.roll.jitter.hours", 0, "Default of the topic key segment.jitter.ms, in hours.", min: 0, unit: ConfigUnit.Hours)
        .Long("log.retention.ms", null, "Default of the topic key retention.ms; goes before minutes and hours.", min: -1, unit: ConfigUnit.Milliseconds, update: ClusterWide)
        .Int("log.retention.minutes", null, "Default of the topic key retention.ms, in minutes; goes before hours.", min: -1, unit: ConfigUnit.Minutes)
        .Int("log.retention.hours", 168, "Default of the topic key retention.ms, in hours.", min: -1, unit: ConfigUnit.Hours)
        .Long("log.retention.bytes", -1, "Default of the topic key retention.bytes.", min: -1, unit: ConfigUnit.Bytes, update: ClusterWide)
        .Long("log.retention.check.interval.ms", 300_000, "How often the broker looks for segments to delete.", min: 1, unit: ConfigUnit.Milliseconds)
        .List("log.cleanup.policy", "delete", "Default of the topic key cleanup.policy.", ["delete", "compact"], allowsEmpty: false, update: ClusterWide)
        .Int("log.index.size.max.bytes", 10_485_760, "Default of the topic key segment.index.bytes.", min: 4, unit: ConfigUnit.Bytes, update: ClusterWide)
        .Int("log.index.interval.bytes", 4096, "Default of the topic key index.interval.bytes.", min: 0, unit: ConfigUnit.Bytes, update: ClusterWide)
        .Long("log.segment.delete.delay.ms", 60_000, "Default of the topic key file.delete.delay.ms.", min: 0, unit: ConfigUnit.Milliseconds, update: ClusterWide)
        .Bool("log.preallocate", false, "Default of the topic key preallocate.", update: ClusterWide, note: NoEffect("segments grow as they are written"))
        .Long("log.initial.task.delay.ms", 30_000, "How long after the start the first background work on logs begins.", min: 0, unit: ConfigUnit.Milliseconds)
        .Long("log.local.retention.ms", -2, "Default of the topic key local.retention.ms.", min: -2, unit: ConfigUnit.Milliseconds, update: ClusterWide, note: NotYet("tiered storage"))
        .Long("log.local.retention.bytes", -2, "Default of the topic key local.retention.bytes.", min: -2, unit: ConfigUnit.Bytes, update: ClusterWide, note: NotYet("tiered storage"))
        .Bool("remote.log.storage.system.enable", false, "Switch tiered storage on for the broker.", note: NotYet("tiered storage"))
        .Int("num.recovery.threads.per.data.dir", 2, "How many logs of a directory are recovered at a time after an unclean stop.", min: 1)
        .Long("log.dir.failure.timeout.ms", 30_000, "How long a broker may fail to report a broken directory before it stops.", min: 1, unit: ConfigUnit.Milliseconds,
            note: NotYet("stopping over it; the directory is offline, and its replicas move"));

    private static void AddFlush(ConfigTableBuilder table) => table
        .Long("log.flush.interval.messages", long.MaxValue, "Default of the topic key flush.messages.", min: 1, update: ClusterWide)
        .Long("log.flush.interval.ms", null, "Default of the topic key flush.ms.", min: 0, unit: ConfigUnit.Milliseconds, update: ClusterWide)
        .Long("log.flush.scheduler.interval.ms", long.MaxValue, "How often the broker looks for logs to flush.", min: 0, unit: ConfigUnit.Milliseconds,
            note: NoEffect("each log's flush is due by its own flush.ms; nothing polls"))
        .Int("log.flush.offset.checkpoint.interval.ms", 60_000, "How often the recovery points are written down.", min: 0, unit: ConfigUnit.Milliseconds)
        .Int("log.flush.start.offset.checkpoint.interval.ms", 60_000, "How often the log start offsets are written down.", min: 0, unit: ConfigUnit.Milliseconds)
        .Long("replica.high.watermark.checkpoint.interval.ms", 5000, "How often the high watermarks are written down.", min: 0, unit: ConfigUnit.Milliseconds);

    private static void AddCleaner(ConfigTableBuilder table) => table
        .Bool("log.cleaner.enable", true, "Run the log cleaner.", note: CleanerLater)
        .Int("log.cleaner.threads", 1, "Threads of the log cleaner.", min: 0, update: ClusterWide, note: CleanerLater)
        .Double("log.cleaner.io.max.bytes.per.second", double.MaxValue, "Rate at which the log cleaner may read and write.", 0, double.MaxValue, update: ClusterWide, note: CleanerLater)
        .Long("log.cleaner.dedupe.buffer.size", 134_217_728, "Memory of the log cleaner's table of keys.", min: 1, unit: ConfigUnit.Bytes, update: ClusterWide, note: CleanerLater)
        .Int("log.cleaner.io.buffer.size", 524_288, "Memory of the log cleaner's buffers.", min: 0, unit: ConfigUnit.Bytes, update: ClusterWide, note: CleanerLater)
        .Double("log.cleaner.io.buffer.load.factor", 0.9, "How full the log cleaner's table of keys may get.", 0, 1, update: ClusterWide, note: CleanerLater)
        .Long("log.cleaner.backoff.ms", 15_000, "Pause of the log cleaner when there is nothing to do.", min: 0, unit: ConfigUnit.Milliseconds, update: ClusterWide, note: CleanerLater)
        .Double("log.cleaner.min.cleanable.ratio", 0.5, "Default of the topic key min.cleanable.dirty.ratio.", 0, 1, update: ClusterWide, note: CleanerLater)
        .Long("log.cleaner.delete.retention.ms", 86_400_000, "Default of the topic key delete.retention.ms.", min: 0, unit: ConfigUnit.Milliseconds, update: ClusterWide, note: CleanerLater)
        .Long("log.cleaner.min.compaction.lag.ms", 0, "Default of the topic key min.compaction.lag.ms.", min: 0, unit: ConfigUnit.Milliseconds, update: ClusterWide, note: CleanerLater)
        .Long("log.cleaner.max.compaction.lag.ms", long.MaxValue, "Default of the topic key max.compaction.lag.ms.", min: 1, unit: ConfigUnit.Milliseconds, update: ClusterWide, note: CleanerLater);
}
