using static OrleansLog.Core.Configuration.ConfigNote;

namespace OrleansLog.Core.Configuration;

public static partial class BrokerConfigs
{
    private static ConfigNote QuorumLater => NotYet("a metadata quorum of its own; metadata is kept in a database (D3)");

    private static ConfigNote Removed => NoEffect("Kafka 4 has removed it");

    private static void AddIdentity(ConfigTableBuilder table) => table
        .Int("node.id", 1, "The broker's number; unique in the cluster and the same after every restart.", min: 0)
        .Int("broker.id", null, "The older name of node.id; both must agree when both are set.", min: 0)
        .List("process.roles", "broker,controller", "What the silo may do. Without controller it never hosts the cluster's controller. Without broker it serves no data and no clients, and needs orleanslog.metadata.connection.", ["broker", "controller"], allowsEmpty: true)
        .Text("broker.rack", null, "Where the broker stands, for spreading replicas.")
        .Long("broker.heartbeat.interval.ms", 2000, "How often a broker tells the controller that it lives.", min: 1, max: int.MaxValue, unit: ConfigUnit.Milliseconds,
            note: NoEffect("the heartbeat is the long poll for metadata, which waits a third of the session at most (D11)"))
        .Long("broker.session.timeout.ms", 9000, "How long a silent broker is trusted before it is fenced.", min: 100, max: int.MaxValue, unit: ConfigUnit.Milliseconds)
        .Int("initial.broker.registration.timeout.ms", 60_000, "How long a starting broker tries to register before it gives up.", min: 1, unit: ConfigUnit.Milliseconds,
            note: NoEffect("it is a minute"))
        .Text("metadata.log.dir", null, "Where the metadata is kept; the first of log.dirs when not set.")
        .List("controller.quorum.voters", "", "The voters of the metadata quorum, as id@host:port.", note: QuorumLater)
        .List("controller.quorum.bootstrap.servers", "", "Where to find the metadata quorum.", note: QuorumLater)
        .Bool("controller.quorum.auto.join.enable", false, "Let a controller join the quorum by itself.", note: QuorumLater)
        .List("controller.listener.names", "", "The listeners of the controller.", note: QuorumLater)
        .Int("controller.quorum.election.timeout.ms", 1000, "How long without a leader before an election.", min: 1, unit: ConfigUnit.Milliseconds, note: QuorumLater)
        .Int("controller.quorum.fetch.timeout.ms", 2000, "How long a voter waits for the leader.", min: 1, unit: ConfigUnit.Milliseconds, note: QuorumLater)
        .Int("controller.quorum.election.backoff.max.ms", 1000, "Longest pause between elections.", min: 0, unit: ConfigUnit.Milliseconds, note: QuorumLater)
        .Int("controller.quorum.append.linger.ms", 25, "How long the quorum's leader gathers records.", min: 0, unit: ConfigUnit.Milliseconds, note: QuorumLater)
        .Int("controller.quorum.request.timeout.ms", 2000, "How long a request in the quorum may take.", min: 0, unit: ConfigUnit.Milliseconds, note: QuorumLater)
        .Int("controller.quorum.retry.backoff.ms", 20, "Pause before a request in the quorum is repeated.", min: 0, unit: ConfigUnit.Milliseconds, note: QuorumLater)
        .Int("metadata.log.segment.bytes", 1_073_741_824, "Size of a segment of the metadata log.", min: 8 * 1024 * 1024, unit: ConfigUnit.Bytes, note: QuorumLater)
        .Long("metadata.log.segment.ms", 604_800_000, "Age at which a segment of the metadata log is closed.", min: 1, unit: ConfigUnit.Milliseconds, note: QuorumLater)
        .Long("metadata.log.max.record.bytes.between.snapshots", 20_971_520, "Bytes of metadata records between two snapshots.", min: 1, unit: ConfigUnit.Bytes,
            note: NoEffect("snapshots are counted in versions: orleanslog.metadata.snapshot.versions"))
        .Long("metadata.log.max.snapshot.interval.ms", 3_600_000, "Longest time between two snapshots of the metadata.", min: 0, unit: ConfigUnit.Milliseconds,
            note: NoEffect("snapshots are counted in versions: orleanslog.metadata.snapshot.versions"))
        .Long("metadata.max.retention.bytes", 104_857_600, "Bytes of old metadata that are kept.", min: -1, unit: ConfigUnit.Bytes, note: NoEffect("history behind a snapshot is cleared"))
        .Long("metadata.max.retention.ms", 604_800_000, "How long old metadata is kept.", min: -1, unit: ConfigUnit.Milliseconds, note: NoEffect("history behind a snapshot is cleared"))
        .Int("metadata.max.idle.interval.ms", 500, "How often the controller writes a record to show that it lives.", min: 0, unit: ConfigUnit.Milliseconds,
            note: NoEffect("the controller checks its head in the database instead (D2)"))
        .Text("zookeeper.connect", null, "Where ZooKeeper was.", note: Removed)
        .Int("zookeeper.connection.timeout.ms", null, "How long to wait for it.", unit: ConfigUnit.Milliseconds, note: Removed)
        .Text("inter.broker.protocol.version", null, "The protocol between brokers of an older cluster.", note: Removed)
        .Text("log.message.format.version", null, "The format of records of an older cluster.", note: Removed)
        .Bool("broker.id.generation.enable", true, "Let the cluster choose broker.id.", note: Removed)
        .Int("reserved.broker.max.id", 1000, "The largest broker.id that is not generated.", min: 0, note: Removed);
}
