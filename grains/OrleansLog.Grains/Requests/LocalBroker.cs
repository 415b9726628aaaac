using OrleansLog.Grains.Directories;
using OrleansLog.Grains.Fetching;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Reading;
using OrleansLog.Grains.Replicas;
using OrleansLog.Grains.Replication;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains;

/// <summary>
/// The request layer of one silo: what the broker grain, the direct transport and the listeners stand on. Requests go to the
/// partitions that this broker has open; everything else is answered with the error that sends a client to the right broker.
/// </summary>
public sealed partial class LocalBroker : IFetchSource
{
    private readonly BrokerContext _broker;
    private readonly PartitionTable _partitions;
    private readonly LogDirectories _directories;
    private readonly MetadataCache _metadata;
    private readonly ReplicaManager _replicas;
    private readonly int _fetchMaxBytes;
    private readonly int _fetchWaitingMax;
    private int _fetchesWaiting;
    private volatile bool _isStopping;

    internal LocalBroker(
        BrokerContext broker, PartitionTable partitions, LogDirectories directories, MetadataCache metadata, ReplicaManager replicas,
        DiskReaders readers, int fetchMaxBytes, int fetchWaitingMax, long fetchMemoryMaxBytes)
    {
        _broker = broker;
        _partitions = partitions;
        _directories = directories;
        _metadata = metadata;
        _replicas = replicas;
        Readers = readers;
        _fetchMaxBytes = fetchMaxBytes;
        _fetchWaitingMax = fetchWaitingMax;
        FetchMemory = new FetchMemory(FetchMemory.LimitBytes(fetchMemoryMaxBytes, fetchMaxBytes));
    }

    /// <summary>Whether this thread serves connections, and so must not wait for the disk.</summary>
    internal static bool MayNotWait => ServingThread.Current is not null;

    /// <summary>What waits for the disk in its place.</summary>
    internal DiskReaders Readers { get; }

    /// <summary>What answers to fetches hold.</summary>
    internal FetchMemory FetchMemory { get; }

    /// <summary><c>node.id</c> of this broker.</summary>
    public int BrokerId => _broker.BrokerId;

    /// <summary>Refuses requests from now on, and answers those that wait for data.</summary>
    internal void StopServing()
    {
        _isStopping = true;
        foreach (var partition in _partitions.All)
            partition.WakeAllFetchers();
    }

    Partition? IFetchSource.Find(TopicPartition name, out ErrorCode refusal) => Find(name, out refusal);

    private Partition? Find(TopicPartition name, out ErrorCode refusal)
    {
        refusal = ErrorCode.None;
        if (!_isStopping && name.Topic is not null && _partitions.Find(name) is { } partition)
            return partition;

        if (!_isStopping && name.Topic is not null && _replicas.IsLost(name))
        {
            refusal = ErrorCode.KafkaStorageError;
            return null;
        }

        // Known but not open here: led elsewhere, still being opened, or the broker stops. The client asks for metadata and tries again.
        var image = _metadata.Current;
        var mayExist = name.Topic is not null && (image.Version == 0 || image.FindTopic(name.Topic)?.Find(name.Partition) is not null);
        refusal = mayExist || _isStopping ? ErrorCode.NotLeaderOrFollower : ErrorCode.UnknownTopicOrPartition;
        return null;
    }

    /// <summary>Opens the fetches of a follower, which has proven who it is.</summary>
    /// <param name="brokerId">The broker that follows.</param>
    /// <param name="brokerEpoch">Its broker epoch.</param>
    public ReplicaFetchSession OpenReplicaSession(int brokerId, long brokerEpoch) => new(this, _broker, brokerId, brokerEpoch);

    /// <summary>The open partition of a topic id, or null with the reason.</summary>
    internal Partition? FindReplica(Guid topicId, int partition, out ErrorCode refusal)
    {
        if (_metadata.Current.FindTopic(topicId) is not { } topic)
        {
            refusal = ErrorCode.UnknownTopicId;
            return null;
        }

        // A topic that was made anew under the name has another id; its old partition closes in a moment.
        var found = Find(new TopicPartition(topic.Name, partition), out refusal);
        return found?.Key.TopicId == topicId ? found : null;
    }

    private string MessageFor(TopicPartition name, ErrorCode refusal) => refusal switch
    {
        _ when _isStopping => $"Broker {BrokerId} is stopping.",
        ErrorCode.KafkaStorageError => $"The log of {name} cannot be used on broker {BrokerId}: its directory is gone or has failed; the broker's log says which.",
        ErrorCode.UnknownTopicOrPartition => $"There is no partition {name}.",
        _ => $"Broker {BrokerId} does not lead {name}, or has not opened it yet.",
    };
}
