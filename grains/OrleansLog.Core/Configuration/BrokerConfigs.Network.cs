using static OrleansLog.Core.Configuration.ConfigNote;
using static OrleansLog.Core.Configuration.ConfigUpdateMode;

namespace OrleansLog.Core.Configuration;

public static partial class BrokerConfigs
{
    private static readonly ConfigNote ListenerLater = NotYet("the Kafka listener");
    private static readonly ConfigNote NoSuchThreads = NoEffect("requests run on the shared thread pool; disk work on orleanslog.appender.threads");

    private static void AddNetwork(ConfigTableBuilder table) => table
        .List("listeners", "PLAINTEXT://127.0.0.1:9092", "Where the broker listens for Kafka clients.", update: PerBroker, note: ListenerLater)
        .List("advertised.listeners", null, "Where clients are told to connect.", update: PerBroker, note: ListenerLater)
        .List("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL", "The security protocol of each listener.",
            update: PerBroker, note: ListenerLater)
        .Int("num.network.threads", 3, "Threads for the network.", min: 1, update: ClusterWide, note: NoSuchThreads)
        .Int("num.io.threads", 8, "Threads for requests and the disk.", min: 1, update: ClusterWide, note: NoSuchThreads)
        .Int("socket.send.buffer.bytes", 102_400, "Send buffer of a connection; -1 leaves it to the system.", min: -1, unit: ConfigUnit.Bytes, note: ListenerLater)
        .Int("socket.receive.buffer.bytes", 102_400, "Receive buffer of a connection; -1 leaves it to the system.", min: -1, unit: ConfigUnit.Bytes, note: ListenerLater)
        .Int("socket.request.max.bytes", 104_857_600, "Largest request.", min: 1, unit: ConfigUnit.Bytes, note: ListenerLater)
        .Int("fetch.max.bytes", 57_671_680, "Largest answer to one fetch, whatever the client asks for.", min: 1024, unit: ConfigUnit.Bytes);

    private static void AddOwn(ConfigTableBuilder table) => table
        .Enum("orleanslog.flush.policy", "auto", ["auto", "os", "interval", "ack"], "Default of the topic key of the same name.", update: ClusterWide)
        .Int("orleanslog.appender.threads", 0, "Threads that write to the logs; 0 takes one per processor, at most 8.", min: 0, max: 256)
        .Long("orleanslog.appender.queue.max.bytes", 67_108_864, "Bytes of batches that may wait for the disk; above it, writers wait.", min: 1_048_576, unit: ConfigUnit.Bytes)
        .Int("orleanslog.segment.cache.max", 1000, "Closed segments whose files and indexes stay open.", min: 1)
        .Int("orleanslog.metadata.snapshot.records", 300, "Metadata records between two snapshots.", min: 1)
        .Long("orleanslog.disk.free.min.bytes", 67_108_864, "Free space that a full disk must have again before appends resume.", min: 0, unit: ConfigUnit.Bytes);
}
