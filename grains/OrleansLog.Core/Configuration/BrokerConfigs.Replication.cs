using static OrleansLog.Core.Configuration.ConfigNote;
using static OrleansLog.Core.Configuration.ConfigUpdateMode;

namespace OrleansLog.Core.Configuration;

public static partial class BrokerConfigs
{
    private const string LeaderSelector = "org.apache.kafka.common.replica.LeaderSelector";
    internal const string RackAwareReplicaSelector = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

    private static ConfigNote ReplicationLater => NotYet("this part of replication");

    private static void AddReplication(ConfigTableBuilder table) => table
        .Int("default.replication.factor", 1, "Replicas of a topic that is created without a number.", min: 1)
        .Int("min.insync.replicas", 1, "Default of the topic key of the same name.", min: 1, update: ClusterWide)
        .Bool("unclean.leader.election.enable", false, "Default of the topic key of the same name.", update: ClusterWide)
        .Long("unclean.leader.election.interval.ms", 300_000, "How often the controller looks for partitions to elect uncleanly.", min: 1, unit: ConfigUnit.Milliseconds, note: ReplicationLater)
        .Long("replica.lag.time.max.ms", 30_000, "How long a follower may lag before it leaves the ISR.", min: 1, unit: ConfigUnit.Milliseconds)
        .Int("num.replica.fetchers", 1, "Fetches that a follower runs at a time per leader.", min: 1, max: 64)
        .Int("replica.fetch.max.bytes", 1_048_576, "Bytes that a follower asks for per partition.", min: 0, unit: ConfigUnit.Bytes)
        .Int("replica.fetch.response.max.bytes", 10_485_760, "Bytes that a follower asks for per fetch.", min: 0, unit: ConfigUnit.Bytes)
        .Int("replica.fetch.min.bytes", 1, "Bytes that a follower's fetch waits for.", min: 0, unit: ConfigUnit.Bytes, note: ReplicationLater)
        .Int("replica.fetch.wait.max.ms", 500, "How long a follower's fetch may wait.", min: 0, unit: ConfigUnit.Milliseconds)
        .Int("replica.fetch.backoff.ms", 1000, "Pause of a follower after an error.", min: 0, unit: ConfigUnit.Milliseconds)
        .Int("replica.socket.timeout.ms", 30_000, "How long a follower's request may take.", min: 0, unit: ConfigUnit.Milliseconds)
        .Int("replica.socket.receive.buffer.bytes", -1, "Receive buffer of a follower's connection; -1 leaves it to the system, which suits it to the link (Kafka: 65536).", min: -1, unit: ConfigUnit.Bytes)
        .Enum("replica.selector.class", LeaderSelector, [LeaderSelector, RackAwareReplicaSelector],
            "The replica that consumers are sent to: the leader, or one of their own `client.rack` that is in sync (KIP-392).")
        .Bool("auto.leader.rebalance.enable", true, "Give leadership back to preferred replicas.")
        .Int("leader.imbalance.per.broker.percentage", 10, "Imbalance above which leadership is given back.", min: 0, max: 100)
        .Long("leader.imbalance.check.interval.seconds", 300, "How often that is checked.", min: 1, unit: ConfigUnit.Seconds)
        .Bool("controlled.shutdown.enable", true, "Hand leadership over before the broker stops.", note: ReplicationLater)
        .Int("num.replica.alter.log.dirs.threads", null, "Threads that move replicas between directories.", min: 0, note: NotYet("moving replicas between directories"))
        .Long("leader.replication.throttled.rate", long.MaxValue, "Bytes per second that throttled leaders send.", min: 0, update: PerBroker, note: ReplicationLater)
        .Long("follower.replication.throttled.rate", long.MaxValue, "Bytes per second that throttled followers fetch.", min: 0, update: PerBroker, note: ReplicationLater)
        .Long("replica.alter.log.dirs.io.max.bytes.per.second", long.MaxValue, "Bytes per second when replicas move between directories.", min: 0, update: PerBroker,
            note: NotYet("moving replicas between directories"))
        .Int("replication.quota.window.num", 11, "Windows over which replication is measured.", min: 1, note: ReplicationLater)
        .Int("replication.quota.window.size.seconds", 1, "Length of such a window.", min: 1, unit: ConfigUnit.Seconds, note: ReplicationLater);
}
