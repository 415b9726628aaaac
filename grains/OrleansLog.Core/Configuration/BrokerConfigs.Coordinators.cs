using static OrleansLog.Core.Configuration.ConfigNote;
using static OrleansLog.Core.Configuration.ConfigUpdateMode;

namespace OrleansLog.Core.Configuration;

public static partial class BrokerConfigs
{
    private static ConfigNote ConsumerProtocolLater => NotYet("the consumer protocol (KIP-848)");
    private static ConfigNote TransactionsLater => NotYet("transactions");

    private static void AddGroups(ConfigTableBuilder table) => table
        .Int("offsets.topic.num.partitions", 50, "Partitions of the topic of committed offsets.", min: 1)
        .Int("offsets.topic.replication.factor", null, "Replicas of the topic of committed offsets; default.replication.factor when not set.", min: 1)
        .Int("offsets.commit.timeout.ms", 5000, "How long a coordinator waits until its records are committed.", min: 1, unit: ConfigUnit.Milliseconds)
        .Int("offsets.topic.segment.bytes", 104_857_600, "Segment size of the topic of committed offsets.", min: 1, unit: ConfigUnit.Bytes)
        .Int("offsets.topic.compression.codec", 0, "Codec of the topic of committed offsets, as a number.", min: 0, max: 4)
        .Int("offsets.load.buffer.size", 5_242_880, "Bytes read at a time when a coordinator loads.", min: 1, unit: ConfigUnit.Bytes)
        .Int("offsets.retention.minutes", 10_080, "How long an idle group's offsets are kept.", min: 1, unit: ConfigUnit.Minutes)
        .Long("offsets.retention.check.interval.ms", 600_000, "How often expired offsets are removed.", min: 1, unit: ConfigUnit.Milliseconds)
        .Int("offset.metadata.max.bytes", 4096, "Longest note that may be committed with an offset.", min: 0, unit: ConfigUnit.Bytes)
        .Int("group.min.session.timeout.ms", 6000, "Shortest session that a member may ask for.", min: 0, unit: ConfigUnit.Milliseconds)
        .Int("group.max.session.timeout.ms", 1_800_000, "Longest session that a member may ask for.", min: 0, unit: ConfigUnit.Milliseconds)
        .Int("group.initial.rebalance.delay.ms", 3000, "How long a new group waits for more members.", min: 0, unit: ConfigUnit.Milliseconds)
        .Int("group.max.size", int.MaxValue, "Most members of a group.", min: 1)
        .List("group.coordinator.rebalance.protocols", "classic,consumer,streams", "Group protocols that are offered.", note: ConsumerProtocolLater)
        .Int("group.coordinator.threads", 4, "Most partitions of committed offsets that are loaded at a time.", min: 1)
        .Int("group.coordinator.append.linger.ms", 5, "How long a coordinator gathers records.", min: 0, unit: ConfigUnit.Milliseconds, note: NoEffect("a coordinator gathers what comes while its last append is under way, and waits for nothing else"))
        .Int("group.consumer.session.timeout.ms", 45_000, "Session of members of the consumer protocol.", min: 1, unit: ConfigUnit.Milliseconds, note: ConsumerProtocolLater)
        .Int("group.consumer.min.session.timeout.ms", 45_000, "Its shortest.", min: 1, unit: ConfigUnit.Milliseconds, note: ConsumerProtocolLater)
        .Int("group.consumer.max.session.timeout.ms", 60_000, "Its longest.", min: 1, unit: ConfigUnit.Milliseconds, note: ConsumerProtocolLater)
        .Int("group.consumer.heartbeat.interval.ms", 5000, "Heartbeat of members of the consumer protocol.", min: 1, unit: ConfigUnit.Milliseconds, note: ConsumerProtocolLater)
        .Int("group.consumer.min.heartbeat.interval.ms", 5000, "Its shortest.", min: 1, unit: ConfigUnit.Milliseconds, note: ConsumerProtocolLater)
        .Int("group.consumer.max.heartbeat.interval.ms", 15_000, "Its longest.", min: 1, unit: ConfigUnit.Milliseconds, note: ConsumerProtocolLater)
        .Int("group.consumer.max.size", int.MaxValue, "Most members of a group of the consumer protocol.", min: 1, note: ConsumerProtocolLater)
        .List("group.consumer.assignors", "uniform,range", "Assignors of the consumer protocol, the default first.", note: ConsumerProtocolLater)
        .Enum("group.consumer.migration.policy", "bidirectional", ["bidirectional", "upgrade", "downgrade", "disabled"], "Whether groups may change between the protocols.", note: ConsumerProtocolLater);

    private static void AddTransactions(ConfigTableBuilder table) => table
        .Int("transaction.state.log.num.partitions", 50, "Partitions of the topic of transactions.", min: 1, note: TransactionsLater)
        .Int("transaction.state.log.replication.factor", 3, "Replicas of the topic of transactions.", min: 1, note: TransactionsLater)
        .Int("transaction.state.log.min.isr", 2, "min.insync.replicas of the topic of transactions.", min: 1, note: TransactionsLater)
        .Int("transaction.state.log.segment.bytes", 104_857_600, "Segment size of the topic of transactions.", min: 1, unit: ConfigUnit.Bytes, note: TransactionsLater)
        .Int("transaction.state.log.load.buffer.size", 5_242_880, "Bytes read at a time when a coordinator loads.", min: 1, unit: ConfigUnit.Bytes, note: TransactionsLater)
        .Int("transaction.max.timeout.ms", 900_000, "Longest transaction that a producer may ask for.", min: 1, unit: ConfigUnit.Milliseconds, note: TransactionsLater)
        .Int("transactional.id.expiration.ms", 604_800_000, "How long an idle transactional id is remembered.", min: 1, unit: ConfigUnit.Milliseconds, note: TransactionsLater)
        .Int("transaction.abort.timed.out.transaction.cleanup.interval.ms", 10_000, "How often overdue transactions are aborted.", min: 1, unit: ConfigUnit.Milliseconds, note: TransactionsLater)
        .Int("transaction.remove.expired.transaction.cleanup.interval.ms", 3_600_000, "How often idle transactional ids are removed.", min: 1, unit: ConfigUnit.Milliseconds, note: TransactionsLater)
        .Bool("transaction.partition.verification.enable", true, "Check that a partition belongs to the transaction that writes to it.", update: ClusterWide, note: TransactionsLater)
        .Int("producer.id.expiration.ms", 86_400_000, "How long an idle producer id is remembered.", min: 1, unit: ConfigUnit.Milliseconds, update: ClusterWide)
        .Int("producer.id.expiration.check.interval.ms", 600_000, "How often idle producer ids are removed.", min: 1, unit: ConfigUnit.Milliseconds);
}
