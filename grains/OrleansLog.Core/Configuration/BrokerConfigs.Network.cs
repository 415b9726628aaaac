using static OrleansLog.Core.Configuration.ConfigNote;
using static OrleansLog.Core.Configuration.ConfigUpdateMode;

namespace OrleansLog.Core.Configuration;

public static partial class BrokerConfigs
{
    private static ConfigNote NoSuchThreads => NoEffect("requests run on the threads that serve connections (num.network.threads) or on the shared thread pool, disk work on orleanslog.appender.threads and num.io.threads");

    private static void AddNetwork(ConfigTableBuilder table) => table
        .List("listeners", "PLAINTEXT://127.0.0.1:9092", "Where the broker listens for Kafka clients: NAME://ADDRESS:PORT, port 0 for a free one; empty switches it off.")
        .List("advertised.listeners", null, "Where clients are told to connect, when that is not the address that they reached.")
        .List("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL", "The security protocol of each listener; only PLAINTEXT is served yet.")
        .Int("num.network.threads", 3, "Threads that serve connections, on Linux (orleanslog.network.event.loops).", min: 1, max: 256)
        .Int("num.io.threads", 8, "Threads that wait for the disk in place of those that serve connections: for records that are not in the page cache.", min: 1, max: 1024, update: ClusterWide)
        .Int("socket.send.buffer.bytes", -1, "Send buffer of a connection; -1 leaves it to the system, which fits it to the traffic. Kafka: 102400.", min: -1, unit: ConfigUnit.Bytes)
        .Int("socket.receive.buffer.bytes", -1, "Receive buffer of a connection; -1 leaves it to the system, which fits it to the traffic. Kafka: 102400.", min: -1, unit: ConfigUnit.Bytes)
        .Int("socket.request.max.bytes", 104_857_600, "Largest request.", min: 1, unit: ConfigUnit.Bytes)
        .Int("socket.listen.backlog.size", 50, "Connections that may wait to be accepted.", min: 1)
        .Int("max.connections", int.MaxValue, "Most connections of a broker.", min: 0, update: ClusterWide)
        .Int("max.connections.per.ip", int.MaxValue, "Most connections from one address.", min: 0, update: ClusterWide)
        .Text("max.connections.per.ip.overrides", "", "The same for single addresses, as host:number.", update: ClusterWide)
        .Int("max.connection.creation.rate", int.MaxValue, "Most new connections a second.", min: 0, update: ClusterWide)
        .Long("connections.max.idle.ms", 600_000, "After how long an idle connection is closed.", min: 0, unit: ConfigUnit.Milliseconds)
        .Int("request.timeout.ms", 30_000, "How long a request between brokers may take.", min: 1, unit: ConfigUnit.Milliseconds, note: ReplicationLater)
        .Int("queued.max.requests", 500, "Requests of one connection that may be in work; above it, the connection is not read.", min: 1)
        .Long("queued.max.request.bytes", -1, "Bytes of requests in memory, all connections together; above it, they are not read. -1 takes a quarter of the memory.", min: -1, unit: ConfigUnit.Bytes)
        .Int("background.threads", 10, "Threads for background work.", min: 1, update: ClusterWide, note: NoSuchThreads)
        .Int("fetch.purgatory.purge.interval.requests", 1000, "How often finished waits are cleared away.", note: NoEffect("a finished wait is gone at once"))
        .Int("producer.purgatory.purge.interval.requests", 1000, "The same for producers.", note: NoEffect("a finished wait is gone at once"))
        .Int("delete.records.purgatory.purge.interval.requests", 1, "The same for deletions.", note: NoEffect("a finished wait is gone at once"))
        .Int("max.incremental.fetch.session.cache.slots", 1000, "Fetch sessions that are remembered.", min: 0, note: NoEffect("no fetch sessions are kept: every fetch names its partitions"))
        .Int("max.request.partition.size.limit", 2000, "Most partitions in one answer to DescribeTopicPartitions; the client asks for the rest.", min: 1)
        .Int("fetch.max.bytes", 57_671_680, "Largest answer to one fetch, whatever the client asks for.", min: 1024, unit: ConfigUnit.Bytes);
}
