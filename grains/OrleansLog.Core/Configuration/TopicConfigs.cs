using System.Collections.Frozen;
using static OrleansLog.Core.Configuration.ConfigNote;

namespace OrleansLog.Core.Configuration;

/// <summary>The keys that a topic can set: all of Kafka 4.1's, and ours.</summary>
public static partial class TopicConfigs
{
    /// <summary>The smallest segment that may be configured. Kafka 4 asks for 1 MiB; small ones are useful to try things out.</summary>
    public const int MinSegmentBytes = 1024;

    private static readonly FrozenDictionary<string, ConfigDefinition> ByName =
        Build().Definitions.ToFrozenDictionary(d => d.Name, StringComparer.Ordinal);

    /// <summary>All topic keys, by name.</summary>
    public static IReadOnlyDictionary<string, ConfigDefinition> All => ByName;

    /// <summary>Finds a topic key; <c>null</c> when there is none of that name.</summary>
    public static ConfigDefinition? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Checks one setting; <c>null</c> when it is good.</summary>
    public static ConfigError? Validate(string name, string? value) =>
        Find(name) is { } definition ? definition.Check(value) : new ConfigError(name, value, UnknownKey.Expected(name, ByName.Keys, "topic"));

    private static ConfigTableBuilder Build()
    {
        var table = new ConfigTableBuilder(ConfigScope.Topic);
        AddRetention(table.Group("Retention and segments"));
        AddMessages(table.Group("Messages and compression"));
        AddDurability(table.Group("Durability and replication"));
        AddCompaction(table.Group("Compaction"));
        AddTieredStorage(table.Group("Tiered storage"));
        return table;
    }

    private static void AddRetention(ConfigTableBuilder table) => table
        .List("cleanup.policy", "delete", "What happens to old data: delete whole segments, compact by key, or both.", ["delete", "compact"], allowsEmpty: false)
        .From("log.cleanup.policy")
        .Long("retention.ms", 604_800_000, "How long a segment is kept after its newest record; -1 keeps it.", min: -1, unit: ConfigUnit.Milliseconds)
        .From(new("log.retention.ms"), new("log.retention.minutes", 60_000), new("log.retention.hours", 3_600_000))
        .Long("retention.bytes", -1, "How many bytes of a partition are kept; -1 sets no limit.", min: -1, unit: ConfigUnit.Bytes)
        .From("log.retention.bytes")
        .Int("segment.bytes", 1_073_741_824, "Size at which a segment is closed and the next one begun.", min: MinSegmentBytes, unit: ConfigUnit.Bytes)
        .From("log.segment.bytes")
        .Long("segment.ms", 604_800_000, "Age at which a segment is closed although it is not full.", min: 1, unit: ConfigUnit.Milliseconds)
        .From(new("log.roll.ms"), new("log.roll.hours", 3_600_000))
        .Long("segment.jitter.ms", 0, "Up to how much earlier a segment may roll, so that not all partitions do so at once.", min: 0, unit: ConfigUnit.Milliseconds)
        .From(new("log.roll.jitter.ms"), new("log.roll.jitter.hours", 3_600_000))
        .Int("segment.index.bytes", 10_485_760, "Largest size of an index file; a full one closes the segment.", min: 4, unit: ConfigUnit.Bytes)
        .From("log.index.size.max.bytes")
        .Int("index.interval.bytes", 4096, "How many bytes of records lie between two index entries.", min: 0, unit: ConfigUnit.Bytes)
        .From("log.index.interval.bytes")
        .Long("file.delete.delay.ms", 60_000, "How long a removed segment's files stay on disk under another name.", min: 0, unit: ConfigUnit.Milliseconds)
        .From("log.segment.delete.delay.ms")
        .Bool("preallocate", false, "Reserve a segment's space when it is created.", note: NoEffect("segments grow as they are written"))
        .From("log.preallocate");

    private static void AddMessages(ConfigTableBuilder table) => table
        .Int("max.message.bytes", 1_048_588, "Largest record batch accepted, as stored; larger ones get MESSAGE_TOO_LARGE.", min: 0, unit: ConfigUnit.Bytes)
        .From("message.max.bytes")
        .Enum("message.timestamp.type", "CreateTime", ["CreateTime", "LogAppendTime"], "Whether a record keeps its producer's time or gets the broker's.")
        .From("log.message.timestamp.type")
        .Long("message.timestamp.before.max.ms", long.MaxValue, "How far a producer's timestamp may lie in the past.", min: 0, unit: ConfigUnit.Milliseconds)
        .From("log.message.timestamp.before.max.ms")
        .Long("message.timestamp.after.max.ms", 3_600_000, "How far a producer's timestamp may lie in the future.", min: 0, unit: ConfigUnit.Milliseconds)
        .From("log.message.timestamp.after.max.ms")
        .Enum("compression.type", "producer", ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"], "The codec on disk; producer keeps what the producer chose.")
        .From("compression.type")
        .Int("compression.gzip.level", -1, "Level of gzip when the broker compresses; -1 is the codec's own default.", min: -1, max: 9)
        .From("compression.gzip.level")
        .Int("compression.lz4.level", 9, "Level of LZ4 when the broker compresses.", min: 1, max: 17)
        .From("compression.lz4.level")
        .Int("compression.zstd.level", 3, "Level of Zstandard when the broker compresses.", min: -131_072, max: 22)
        .From("compression.zstd.level")
        .Bool("orleanslog.compressed.records.check", false, "Open each compressed batch and check its records, too, not its frame alone.")
        .From("orleanslog.compressed.records.check");

    private static void AddDurability(ConfigTableBuilder table) => table
        .Enum("orleanslog.flush.policy", "auto", ["auto", "os", "interval", "ack"],
            "When a record counts as stored: in the page cache (os), the same with fsync at intervals (interval), or after fsync (ack); auto is ack for topics with one replica, else os.")
        .From("orleanslog.flush.policy")
        .Long("flush.messages", long.MaxValue, "With the policy interval: fsync after this many records.", min: 1)
        .From("log.flush.interval.messages")
        .Long("flush.ms", long.MaxValue, "With the policy interval: fsync when the oldest unsynced record is this old.", min: 0, unit: ConfigUnit.Milliseconds)
        .From("log.flush.interval.ms")
        .Int("min.insync.replicas", 1, "How many in-sync replicas an acks=all write needs; never more than the topic has replicas.", min: 1)
        .From("min.insync.replicas")
        .Bool("unclean.leader.election.enable", false, "Let a replica that lags lead when no other is left, at the price of losing records.")
        .From("unclean.leader.election.enable")
        .List("leader.replication.throttled.replicas", "", "Replicas whose leaders send at the throttled rate.", note: NotYet("throttled replication"))
        .List("follower.replication.throttled.replicas", "", "Replicas whose followers fetch at the throttled rate.", note: NotYet("throttled replication"));

    private static void AddCompaction(ConfigTableBuilder table) => table
        .Double("min.cleanable.dirty.ratio", 0.5, "Share of the log that must be uncleaned before it is compacted.", 0, 1, note: NotYet("the log cleaner"))
        .From("log.cleaner.min.cleanable.ratio")
        .Long("min.compaction.lag.ms", 0, "How long a record is safe from compaction.", min: 0, unit: ConfigUnit.Milliseconds, note: NotYet("the log cleaner"))
        .From("log.cleaner.min.compaction.lag.ms")
        .Long("max.compaction.lag.ms", long.MaxValue, "How long a record may wait for compaction.", min: 1, unit: ConfigUnit.Milliseconds, note: NotYet("the log cleaner"))
        .From("log.cleaner.max.compaction.lag.ms")
        .Long("delete.retention.ms", 86_400_000, "How long tombstones stay readable after compaction.", min: 0, unit: ConfigUnit.Milliseconds, note: NotYet("the log cleaner"))
        .From("log.cleaner.delete.retention.ms");

    private static void AddTieredStorage(ConfigTableBuilder table) => table
        .Bool("remote.storage.enable", false, "Copy closed segments to remote storage.", note: NotYet("tiered storage"))
        .Bool("remote.log.copy.disable", false, "Stop copying to remote storage and keep what is there.", note: NotYet("tiered storage"))
        .Bool("remote.log.delete.on.disable", false, "Delete remote data when remote storage is switched off.", note: NotYet("tiered storage"))
        .Long("local.retention.ms", -2, "How long segments stay local once they are remote; -2 takes retention.ms.", min: -2, unit: ConfigUnit.Milliseconds, note: NotYet("tiered storage"))
        .From("log.local.retention.ms")
        .Long("local.retention.bytes", -2, "How many bytes stay local once they are remote; -2 takes retention.bytes.", min: -2, unit: ConfigUnit.Bytes, note: NotYet("tiered storage"))
        .From("log.local.retention.bytes");
}
