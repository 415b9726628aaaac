using static OrleansLog.Core.Configuration.ConfigNote;
using static OrleansLog.Core.Configuration.ConfigUpdateMode;

namespace OrleansLog.Core.Configuration;

public static partial class BrokerConfigs
{
    private static void AddTopics(ConfigTableBuilder table) => table
        .Int("num.partitions", 3, "Partitions of a topic that is created without a number.", min: 1)
        .Bool("auto.create.topics.enable", true, "Create a topic when someone first writes to it or asks for it.")
        .Bool("delete.topic.enable", true, "Allow topics to be deleted.")
        .Int("message.max.bytes", 1_048_588, "Default of the topic key max.message.bytes.", min: 0, unit: ConfigUnit.Bytes, update: ClusterWide)
        .Enum("compression.type", "producer", ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"], "Default of the topic key of the same name.", update: ClusterWide)
        .Int("compression.gzip.level", -1, "Default of the topic key of the same name.", min: -1, max: 9, update: ClusterWide)
        .Int("compression.lz4.level", 9, "Default of the topic key of the same name.", min: 1, max: 17, update: ClusterWide)
        .Int("compression.zstd.level", 3, "Default of the topic key of the same name.", min: -131_072, max: 22, update: ClusterWide)
        .Enum("log.message.timestamp.type", "CreateTime", ["CreateTime", "LogAppendTime"], "Default of the topic key message.timestamp.type.", update: ClusterWide)
        .Long("log.message.timestamp.before.max.ms", long.MaxValue, "Default of the topic key message.timestamp.before.max.ms.", min: 0, unit: ConfigUnit.Milliseconds, update: ClusterWide)
        .Long("log.message.timestamp.after.max.ms", 3_600_000, "Default of the topic key message.timestamp.after.max.ms.", min: 0, unit: ConfigUnit.Milliseconds, update: ClusterWide)
        .Text("create.topic.policy.class.name", null, "A class that may refuse new topics.", note: NotYet("policies"))
        .Text("alter.config.policy.class.name", null, "A class that may refuse changes of configurations.", note: NotYet("policies"));
}
