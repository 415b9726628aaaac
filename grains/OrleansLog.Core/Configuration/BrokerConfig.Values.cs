namespace OrleansLog.Core.Configuration;

public sealed partial class BrokerConfig
{
    /// <summary><c>node.id</c>, or <c>broker.id</c> where only that is set.</summary>
    public int NodeId => Explicit("node.id") is null && Explicit("broker.id") is { } older ? (int)older.Value.Number : Int("node.id");

    /// <summary><c>broker.rack</c>.</summary>
    public string? Rack => Text("broker.rack");

    /// <summary><c>log.dirs</c>, or <c>log.dir</c>; at least one.</summary>
    public IReadOnlyList<string> LogDirs => Value("log.dirs") is { Items.Count: > 0 } dirs ? dirs.Items : [Text("log.dir") ?? "./data"];

    /// <summary>Whether this silo is a broker: <c>process.roles</c> names it, or names nothing.</summary>
    public bool IsBroker => HasRole("broker");

    /// <summary>Whether this silo may host the controller: <c>process.roles</c> names it, or names nothing.</summary>
    public bool MayHostController => HasRole("controller");

    /// <summary><c>metadata.log.dir</c>, or the first of <see cref="LogDirs"/>.</summary>
    public string MetadataLogDir => Text("metadata.log.dir") ?? LogDirs[0];

    /// <summary><c>num.partitions</c>.</summary>
    public int NumPartitions => Int("num.partitions");

    /// <summary><c>default.replication.factor</c>.</summary>
    public int DefaultReplicationFactor => Int("default.replication.factor");

    /// <summary><c>min.insync.replicas</c>.</summary>
    public int MinInsyncReplicas => Int("min.insync.replicas");

    /// <summary><c>auto.create.topics.enable</c>.</summary>
    public bool AutoCreateTopicsEnable => Bool("auto.create.topics.enable");

    /// <summary><c>delete.topic.enable</c>.</summary>
    public bool DeleteTopicEnable => Bool("delete.topic.enable");

    /// <summary><c>broker.session.timeout.ms</c>.</summary>
    public int SessionTimeoutMs => Int("broker.session.timeout.ms");

    /// <summary><c>log.retention.check.interval.ms</c>.</summary>
    public long LogRetentionCheckIntervalMs => Long("log.retention.check.interval.ms");

    /// <summary><c>log.initial.task.delay.ms</c>.</summary>
    public long LogInitialTaskDelayMs => Long("log.initial.task.delay.ms");

    /// <summary><c>log.flush.offset.checkpoint.interval.ms</c>.</summary>
    public int RecoveryPointCheckpointIntervalMs => Int("log.flush.offset.checkpoint.interval.ms");

    /// <summary><c>log.flush.start.offset.checkpoint.interval.ms</c>.</summary>
    public int LogStartOffsetCheckpointIntervalMs => Int("log.flush.start.offset.checkpoint.interval.ms");

    /// <summary><c>orleanslog.replication.port</c>; 0 is any that is free.</summary>
    public int ReplicationPort => Int("orleanslog.replication.port");

    /// <summary><c>replica.lag.time.max.ms</c>.</summary>
    public long ReplicaLagTimeMaxMs => Long("replica.lag.time.max.ms");

    /// <summary><c>num.replica.fetchers</c>.</summary>
    public int NumReplicaFetchers => Int("num.replica.fetchers");

    /// <summary><c>replica.fetch.max.bytes</c>.</summary>
    public int ReplicaFetchMaxBytes => Int("replica.fetch.max.bytes");

    /// <summary><c>replica.fetch.response.max.bytes</c>.</summary>
    public int ReplicaFetchResponseMaxBytes => Int("replica.fetch.response.max.bytes");

    /// <summary><c>replica.fetch.wait.max.ms</c>; at least 10, or followers would ask without end.</summary>
    public int ReplicaFetchWaitMaxMs => Math.Max(10, Int("replica.fetch.wait.max.ms"));

    /// <summary><c>orleanslog.replica.silence.max.ms</c>.</summary>
    public int ReplicaSilenceMaxMs => Int("orleanslog.replica.silence.max.ms");

    /// <summary>Whether <c>replica.selector.class</c> sends consumers to a replica of their own rack.</summary>
    public bool SelectsReplicaByRack => Text("replica.selector.class") == BrokerConfigs.RackAwareReplicaSelector;

    /// <summary><c>replica.fetch.backoff.ms</c>.</summary>
    public int ReplicaFetchBackOffMs => Int("replica.fetch.backoff.ms");

    /// <summary><c>replica.socket.timeout.ms</c>; at least a second more than a fetch may wait.</summary>
    public int ReplicaSocketTimeoutMs => (int)Math.Max(Int("replica.socket.timeout.ms"), Math.Min(int.MaxValue, ReplicaFetchWaitMaxMs + 1000L));

    /// <summary><c>replica.socket.receive.buffer.bytes</c>; -1 leaves it to the system.</summary>
    public int ReplicaSocketReceiveBufferBytes => Int("replica.socket.receive.buffer.bytes");

    /// <summary><c>replica.high.watermark.checkpoint.interval.ms</c>.</summary>
    public long HighWatermarkCheckpointIntervalMs => Long("replica.high.watermark.checkpoint.interval.ms");

    /// <summary><c>num.recovery.threads.per.data.dir</c>.</summary>
    public int RecoveryThreadsPerDataDir => Int("num.recovery.threads.per.data.dir");

    /// <summary><c>fetch.max.bytes</c>.</summary>
    public int FetchMaxBytes => Int("fetch.max.bytes");

    /// <summary><c>orleanslog.appender.threads</c>; 0 leaves the number to the broker.</summary>
    public int AppenderThreads => Int("orleanslog.appender.threads");

    /// <summary><c>orleanslog.appender.queue.max.bytes</c>.</summary>
    public long AppenderQueueMaxBytes => Long("orleanslog.appender.queue.max.bytes");

    /// <summary><c>orleanslog.appender.waiting.max</c>.</summary>
    public int AppenderWaitingMax => Int("orleanslog.appender.waiting.max");

    /// <summary><c>orleanslog.fetch.waiting.max</c>.</summary>
    public int FetchWaitingMax => Int("orleanslog.fetch.waiting.max");

    /// <summary><c>orleanslog.request.wait.max.ms</c>.</summary>
    public int RequestWaitMaxMs => Int("orleanslog.request.wait.max.ms");

    /// <summary><c>orleanslog.fetch.memory.max.bytes</c>; -1 leaves it to the broker.</summary>
    public long FetchMemoryMaxBytes => Long("orleanslog.fetch.memory.max.bytes");

    /// <summary><c>orleanslog.request.partitions.max</c>.</summary>
    public int RequestPartitionsMax => Int("orleanslog.request.partitions.max");

    /// <summary><c>orleanslog.batch.decompressed.max.bytes</c>.</summary>
    public long BatchDecompressedMaxBytes => Long("orleanslog.batch.decompressed.max.bytes");

    /// <summary><c>orleanslog.segment.cache.max</c>.</summary>
    public int SegmentCacheMax => Int("orleanslog.segment.cache.max");

    /// <summary><c>orleanslog.metadata.snapshot.versions</c>.</summary>
    public int MetadataSnapshotVersions => Int("orleanslog.metadata.snapshot.versions");

    /// <summary><c>orleanslog.producer.ids.per.partition.max</c>.</summary>
    public int ProducerIdsPerPartitionMax => Int("orleanslog.producer.ids.per.partition.max");

    /// <summary><c>producer.id.expiration.ms</c>.</summary>
    public int ProducerIdExpirationMs => Int("producer.id.expiration.ms");

    /// <summary><c>producer.id.expiration.check.interval.ms</c>.</summary>
    public int ProducerIdExpirationCheckIntervalMs => Int("producer.id.expiration.check.interval.ms");

    /// <summary><c>orleanslog.disk.free.min.bytes</c>.</summary>
    public long DiskFreeMinBytes => Long("orleanslog.disk.free.min.bytes");

    /// <summary><c>orleanslog.scrub.bytes.per.second</c>; 0: off.</summary>
    public long ScrubBytesPerSecond => Long("orleanslog.scrub.bytes.per.second");

    /// <summary><c>orleanslog.scrub.interval.hours</c>.</summary>
    public int ScrubIntervalHours => Int("orleanslog.scrub.interval.hours");

    /// <summary><c>auto.leader.rebalance.enable</c>.</summary>
    public bool AutoLeaderRebalanceEnable => Bool("auto.leader.rebalance.enable");

    /// <summary><c>leader.imbalance.per.broker.percentage</c>.</summary>
    public int LeaderImbalancePerBrokerPercentage => Int("leader.imbalance.per.broker.percentage");

    /// <summary><c>leader.imbalance.check.interval.seconds</c>, in milliseconds.</summary>
    public long LeaderImbalanceCheckIntervalMs => Math.Min(Long("leader.imbalance.check.interval.seconds"), long.MaxValue / 1000) * 1000;

    /// <summary><c>orleanslog.metadata.connection</c>, a secret; <c>null</c>: metadata in a file, for a cluster of one.</summary>
    public string? MetadataConnection => Text("orleanslog.metadata.connection") is { Length: > 0 } text ? text : null;

    /// <summary><c>orleanslog.metadata.connect.timeout.ms</c>.</summary>
    public int MetadataConnectTimeoutMs => Int("orleanslog.metadata.connect.timeout.ms");

    /// <summary><c>orleanslog.silo.probe.timeout.ms</c>.</summary>
    public int SiloProbeTimeoutMs => Int("orleanslog.silo.probe.timeout.ms");

    /// <summary><c>orleanslog.silo.probe.misses</c>.</summary>
    public int SiloProbeMisses => Int("orleanslog.silo.probe.misses");

    /// <summary><c>orleanslog.controller.silence.max.ms</c>.</summary>
    public int ControllerSilenceMaxMs => Int("orleanslog.controller.silence.max.ms");

    /// <summary><c>orleanslog.silo.port</c>.</summary>
    public int SiloPort => Int("orleanslog.silo.port");

    /// <summary><c>orleanslog.gateway.port</c>.</summary>
    public int GatewayPort => Int("orleanslog.gateway.port");

    /// <summary><c>orleanslog.listen.address</c>.</summary>
    public string ListenAddress => Text("orleanslog.listen.address") ?? "127.0.0.1";

    /// <summary><c>orleanslog.http.address</c>; <c>null</c>: off.</summary>
    public string? HttpAddress => Text("orleanslog.http.address");

    /// <summary><c>orleanslog.cluster.name</c>.</summary>
    public string ClusterName => Text("orleanslog.cluster.name") ?? "orleanslog";

    private bool HasRole(string role) => Value("process.roles")?.Items is not { Count: > 0 } roles || roles.Contains(role);
}
