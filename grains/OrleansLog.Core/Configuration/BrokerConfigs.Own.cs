using static OrleansLog.Core.Configuration.ConfigNote;
using static OrleansLog.Core.Configuration.ConfigUpdateMode;

namespace OrleansLog.Core.Configuration;

public static partial class BrokerConfigs
{
    private static void AddOwn(ConfigTableBuilder table) => table
        .Enum("orleanslog.flush.policy", "auto", ["auto", "os", "interval", "ack"], "Default of the topic key of the same name.", update: ClusterWide)
        .Bool("orleanslog.compressed.records.check", false, "Default of the topic key of the same name.", update: ClusterWide)
        .Int("orleanslog.appender.threads", 0, "Threads that write to the logs; 0 takes one per processor, at most 8.", min: 0, max: 256)
        .Long("orleanslog.appender.queue.max.bytes", 67_108_864, "Bytes of batches that may wait for the disk; above it, writers wait.", min: 1_048_576, unit: ConfigUnit.Bytes)
        .Int("orleanslog.appender.waiting.max", 8192, "Batches that may wait for room in that queue; above it, a batch is refused and may be sent again.", min: 1)
        .Int("orleanslog.fetch.waiting.max", 16_384, "Fetches that may wait for records at a time; above it, a fetch is answered at once.", min: 1)
        .Long("orleanslog.fetch.memory.max.bytes", -1, "Bytes of records in answers that are not sent yet, all clients together; above it, a fetch gets one batch. -1 takes a quarter of the memory.", min: -1, unit: ConfigUnit.Bytes)
        .Int("orleanslog.replication.port", 0, "Port at the silo's address from which the other brokers of the cluster fetch; 0 takes any that is free.", min: 0, max: 65_535)
        .Int("orleanslog.replica.silence.max.ms", 1000, "How long a leader may owe an answer to a follower's fetch, beyond replica.fetch.wait.max.ms, before the controller is told, which fences it unless it answers a call. 0 leaves silence to the session and to Orleans.", min: 0, unit: ConfigUnit.Milliseconds)
        .Int("orleanslog.request.partitions.max", 10_000, "Most partitions that one request may create; more are refused with POLICY_VIOLATION.", min: 1, max: 100_000)
        .Long("orleanslog.batch.decompressed.max.bytes", 104_857_600, "Largest size that a compressed batch may unpack to where the broker opens it.", min: 1_048_576, unit: ConfigUnit.Bytes)
        .Int("orleanslog.groups.max", 100_000, "Groups that one broker coordinates; above it, a new group is refused with GROUP_MAX_SIZE_REACHED.", min: 1)
        .Int("orleanslog.group.waiting.max", 65_536, "Requests of group members that may wait for their group at a time; above it, one is refused and may be sent again.", min: 1)
        .Int("orleanslog.group.load.wait.ms", 5000, "How long a request waits for a coordinator that is still loading, as it is right after a start or a change of leaders; then it is refused with COORDINATOR_LOAD_IN_PROGRESS. 0 refuses at once. Those that wait count for orleanslog.group.waiting.max.", min: 0, max: 20_000, unit: ConfigUnit.Milliseconds)
        .Int("orleanslog.metrics.consumer.lag.max", 2000, "Most partitions of groups whose lag is shown as a metric; 0 switches it off.", min: 0)
        .Int("orleanslog.segment.cache.max", 1000, "Closed segments whose files and indexes stay open.", min: 1)
        .Int("orleanslog.producer.ids.per.partition.max", 20_000, "Producer ids that one partition remembers; above it, those that have not written for longest are forgotten.", min: 1)
        .Long("orleanslog.disk.free.min.bytes", 67_108_864, "Free space that a full disk must have again before appends resume.", min: 0, unit: ConfigUnit.Bytes)
        .Long("orleanslog.scrub.bytes.per.second", 10_485_760, "Pace at which all segments are read again in the background to find damage; 0 switches it off.", min: 0, unit: ConfigUnit.Bytes)
        .Int("orleanslog.scrub.interval.hours", 168, "Time from the end of such a pass over all segments to the next one.", min: 1, max: 1000)
        .Int("orleanslog.group.pending.members.max", 10_000, "Members of a group that may have been told their id and not have come back with it yet.", min: 1)
        .Long("orleanslog.group.members.max.bytes", 268_435_456, "Memory that the members of a broker's groups may hold: ids, metadata, assignments. Above it, a join is refused with GROUP_MAX_SIZE_REACHED; the last eighth is for members that are in.", min: 1, unit: ConfigUnit.Bytes)
        .Bool("orleanslog.network.event.loops", true, "Whether connections are served by threads of their own on Linux (num.network.threads). Otherwise, and elsewhere, they are by the runtime's sockets and thread pool.")
        .Long("orleanslog.connection.request.max.bytes", 33_554_432, "Bytes of one connection's requests in work; above it, the connection is not read.", min: 1_048_576, unit: ConfigUnit.Bytes)
        .Long("orleanslog.request.stall.max.ms", 60_000, "Longest pause in the middle of a request; then its connection is closed.", min: 100, unit: ConfigUnit.Milliseconds)
        .Long("orleanslog.request.pace.min.bytes.per.second", 262_144, "Pace that a request above 64 KiB must come at while others wait for the memory that it holds (queued.max.request.bytes). A connection that is slower, waits because it asked to, or does not read is closed then, the one that holds the most first. 0 closes none.", min: 0, unit: ConfigUnit.Bytes)
        .Int("orleanslog.request.wait.max.ms", 300_000, "Longest wait that a client may ask for: max_wait of a fetch, timeout of a produce. A longer one ends at this. Requests of administration wait 10 s at most, whatever they ask for.", min: 1, unit: ConfigUnit.Milliseconds)
        .Int("orleanslog.group.rebalance.timeout.max.ms", 86_400_000, "Longest rebalance time-out (max.poll.interval.ms) of a member: how long the others wait for it in a rebalance. A longer one counts as this.", min: 1, unit: ConfigUnit.Milliseconds)
        .Int("orleanslog.metadata.snapshot.versions", 256, "Versions of the metadata between two snapshots.", min: 1, max: 512)
        .Secret("orleanslog.metadata.connection", "Connection string (Npgsql) of the PostgreSQL database of a cluster: its metadata, and in the silo executable its membership. Without it the metadata is kept in a file beside the data, for a cluster of one.")
        .Int("orleanslog.metadata.connect.timeout.ms", 60_000, "How long a starting silo waits for that database to answer before it gives up.", min: 0, unit: ConfigUnit.Milliseconds)
        .Int("orleanslog.silo.probe.timeout.ms", 1000, "How long a silo's answer to another one's probe may take, and the pause between probes. Silos of the executable on PostgreSQL.", min: 100, max: 60_000, unit: ConfigUnit.Milliseconds)
        .Int("orleanslog.silo.probe.misses", 3, "Probes in a row that a silo must miss before another one votes that it is dead. Silos of the executable on PostgreSQL.", min: 1, max: 100)
        .Int("orleanslog.controller.silence.max.ms", 1000, "How long the controller may owe another silo an answer before it is asked once more, for half as long, and then another silo asked to take over. Silos ask it at half this interval.", min: 100, max: 60_000, unit: ConfigUnit.Milliseconds)
        .Int("orleanslog.silo.port", 11_111, "Port for the other silos of the cluster.", min: 1, max: 65_535)
        .Int("orleanslog.gateway.port", 30_000, "Port for Orleans clients: the SDK and olog where they are told to go over Orleans.", min: 1, max: 65_535)
        .Text("orleanslog.listen.address", "127.0.0.1", "Address that both ports listen on; other machines need another one, and a network that is trusted.")
        .Text("orleanslog.http.address", null, "ADDRESS:PORT of /metrics, the health pages and the summary; off when not set.")
        .Text("orleanslog.cluster.name", "orleanslog", "Orleans' cluster id: silos and clients of one cluster give the same.")
        .Bool("orleanslog.gateway", false, "Name one address for all brokers, so that clients behind a single address reach any of them.");
}
