using OrleansLog.Core.Partition;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Directories;
using OrleansLog.Grains.Fetching;
using OrleansLog.Grains.Replication;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Partitions;

/// <summary>
/// One open partition of this broker: its log, its state machine, and those who wait for it. The log is written by the
/// partition's appender thread only; the state machine is guarded by a lock that is never held over disk work.
/// </summary>
internal sealed partial class Partition
{
    private readonly Lock _gate = new();
    private readonly PartitionState<AppendRequest> _state;
    private readonly List<FetchRegistration> _fetchers = [];
    private readonly List<AppendRequest> _gathered = [];
    private readonly BrokerContext _broker;
    private readonly Appender _appender;
    private readonly AppendAdmission _admission;
    private readonly IntervalFlush _intervalFlush;
    private volatile PartitionSettings _settings;
    private volatile bool _hasDurableDirectory;

    public Partition(
        ReplicaKey key, PartitionLog log, DataDirectory directory, PartitionSettings settings, long checkpointedHighWatermark,
        BrokerContext broker, Appender appender, AppendAdmission admission)
    {
        Key = key;
        Name = new TopicPartition(log.Name.Topic, log.Name.Partition);
        Log = log;
        Directory = directory;
        TopicTag = new KeyValuePair<string, object?>("topic", log.Name.Topic);
        _settings = settings;
        _broker = broker;
        _appender = appender;
        _admission = admission;
        _intervalFlush = new IntervalFlush(this);
        _history = new LogEpochHistory(log.LeaderEpochs);
        _follower = new FollowerState(_history);
        _state = new PartitionState<AppendRequest>(broker.BrokerId, new ReplicaBrokers(broker.Metadata, key)) { ReplicaLagTimeMaxMs = broker.ReplicaLagTimeMaxMs };
        _state.Opened(log.LogStartOffset, log.LogEndOffset, log.DurableEndOffset, checkpointedHighWatermark);
        var decisions = new PartitionDecisions<AppendRequest>();
        _state.Configure(settings.MinInsyncReplicas, settings.FlushPolicy == Core.Configuration.FlushPolicy.Ack, decisions);
    }

    /// <summary>Which replica it is.</summary>
    public ReplicaKey Key { get; }

    /// <summary>Topic name and partition number.</summary>
    public TopicPartition Name { get; }

    /// <summary>Its log.</summary>
    public PartitionLog Log { get; }

    /// <summary>The log directory that it lives in.</summary>
    public DataDirectory Directory { get; }

    /// <summary>True once its directory is durable: only then may checkpoints name it, as a name without a directory looks like a log that was lost.</summary>
    public bool HasDurableDirectory
    {
        get => _hasDurableDirectory;
        set => _hasDurableDirectory = value;
    }

    /// <summary>Its topic, as metrics are tagged.</summary>
    public KeyValuePair<string, object?> TopicTag { get; }

    /// <summary>The topic's settings in force.</summary>
    public PartitionSettings Settings => _settings;

    /// <summary>First offset that may still be truncated.</summary>
    public long HighWatermark
    {
        get
        {
            lock (_gate)
                return _state.HighWatermark;
        }
    }

    /// <summary>True while it leads.</summary>
    public bool IsLeader
    {
        get
        {
            lock (_gate)
                return _state.Role == PartitionRole.Leader;
        }
    }

    /// <summary>True while it leads with a replica out of sync.</summary>
    public bool IsUnderReplicated
    {
        get
        {
            lock (_gate)
                return _state.Role == PartitionRole.Leader && _state.Leadership!.Isr.Count < _state.Leadership.Replicas.Count;
        }
    }

    /// <summary>True while its log can be used.</summary>
    public bool IsOnline
    {
        get
        {
            lock (_gate)
                return _state.IsOpen;
        }
    }

    /// <summary>Its own view of itself.</summary>
    public ReplicaStatus Describe()
    {
        lock (_gate)
        {
            return new ReplicaStatus(
                _state.IsOpen, _state.Role == PartitionRole.Leader, _state.LeaderEpoch, _state.LogStartOffset, _state.HighWatermark,
                _state.LogEndOffset, _state.DurableEndOffset);
        }
    }

    /// <summary>Carries decisions out; outside the lock, on whatever thread the event came from.</summary>
    private void CarryOut(PartitionDecisions<AppendRequest> decisions)
    {
        if (decisions.IsrChange is { } change)
            _broker.IsrRequests.Ask(this, change);

        if (decisions.Acks.Count == 0)
            return;

        var logStartOffset = Log.LogStartOffset;
        foreach (var (request, error) in decisions.Acks)
        {
            _broker.Wheel.Cancel(request);
            if (error == ErrorCode.None)
            {
                request.Complete(ErrorCode.None, ProduceOutcome.Stored, logStartOffset);
                continue;
            }

            _broker.Metrics.ProduceFailed(TopicTag);
            request.Complete(error, ProduceOutcome.Unknown, -1, MessageFor(error));
        }
    }

    private string MessageFor(ErrorCode error) => error switch
    {
        ErrorCode.KafkaStorageError => $"{Name} failed after the append: {StatusMessage}",
        ErrorCode.NotEnoughReplicasAfterAppend => $"{Name}: the batch was appended, but replicas were lost before enough of them had it (min.insync.replicas); it may or may not stay.",
        ErrorCode.NotLeaderOrFollower => $"The leadership of {Name} changed, or its broker stopped, before the batch was acknowledged.",
        _ => $"{Name}: {error.Describe()}",
    };
}
