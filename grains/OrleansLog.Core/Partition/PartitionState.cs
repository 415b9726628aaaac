using OrleansLog.Protocol;

namespace OrleansLog.Core.Partition;

/// <summary>
/// The rules of one replica of one partition: who may append and read, what is committed, and which waiting appends may be
/// acknowledged. Pure: events come in, decisions go out, and the caller keeps events of one partition from overlapping.
/// </summary>
/// <typeparam name="TTicket">What the caller recognises a waiting append by.</typeparam>
public sealed partial class PartitionState<TTicket>
    where TTicket : class
{
    private readonly PendingAcks<TTicket> _waitingForLeader = new();
    private readonly PendingAcks<TTicket> _waitingForAll = new();
    private const int UncommittedMost = 1024;

    private readonly Queue<(long EndOffset, long AppendedBytes)> _uncommitted = new();
    private (long EndOffset, long AppendedBytes)? _lastUncommitted;
    private long _appendedBytes;

    /// <summary>Makes the state of a replica whose log is not open yet.</summary>
    /// <param name="localBrokerId">The broker that holds this replica.</param>
    /// <param name="brokers">What metadata says of the brokers; null for nothing, and then nobody may join the ISR.</param>
    public PartitionState(int localBrokerId, IReplicaBrokers? brokers = null)
    {
        LocalBrokerId = localBrokerId;
        _brokers = brokers;
    }

    /// <summary>The broker that holds this replica.</summary>
    public int LocalBrokerId { get; }

    /// <summary>What the replica is now.</summary>
    public PartitionRole Role { get; private set; }

    /// <summary>What metadata says, at the highest partition epoch seen; null before the first.</summary>
    public PartitionLeadership? Leadership { get; private set; }

    /// <summary>Leader epoch that the replica acts under, or -1.</summary>
    public int LeaderEpoch => Leadership?.LeaderEpoch ?? -1;

    /// <summary>Log end offset when this leader epoch began here; reads of "latest" wait for it.</summary>
    public long EpochStartOffset { get; private set; } = -1;

    /// <summary>First offset that the partition still has.</summary>
    public long LogStartOffset { get; private set; }

    /// <summary>Next offset to be written.</summary>
    public long LogEndOffset { get; private set; }

    /// <summary>First offset that a power loss could take.</summary>
    public long DurableEndOffset { get; private set; }

    /// <summary>First offset that may still be truncated; readers stop before it (S3).</summary>
    public long HighWatermark { get; private set; }

    /// <summary>True under <c>orleanslog.flush.policy=ack</c>: only what is durable counts as stored (D4).</summary>
    public bool CountsOnlyDurable { get; private set; }

    /// <summary><c>min.insync.replicas</c> as configured; in force is the smaller of it and the replication factor.</summary>
    public int MinInsyncReplicas { get; private set; } = 1;

    /// <summary>Bytes below the high watermark that were appended since the log was opened; differences of it tell readers how much came.</summary>
    public long CommittedBytes { get; private set; }

    /// <summary>How far the local log counts as stored under the flush policy.</summary>
    public long StoredEndOffset => CountsOnlyDurable ? DurableEndOffset : LogEndOffset;

    /// <summary>Appends that wait for their acknowledgement.</summary>
    public int PendingAckCount => _waitingForLeader.Count + _waitingForAll.Count;

    /// <summary>True when the log is open.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The log was opened; what was checkpointed as committed is clamped to what the log has.</summary>
    public void Opened(long logStartOffset, long logEndOffset, long durableEndOffset, long checkpointedHighWatermark)
    {
        IsOpen = true;
        LogStartOffset = logStartOffset;
        LogEndOffset = logEndOffset;
        DurableEndOffset = Math.Min(durableEndOffset, logEndOffset);
        HighWatermark = Math.Clamp(checkpointedHighWatermark, logStartOffset, logEndOffset);
    }

    /// <summary>Takes over what metadata says; a leader epoch or partition epoch lower than one seen is ignored (S2).</summary>
    /// <returns>True when it was new.</returns>
    public bool Apply(PartitionLeadership leadership, PartitionDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(leadership);
        ArgumentNullException.ThrowIfNull(decisions);
        if (Leadership is { } seen && (leadership.LeaderEpoch < seen.LeaderEpoch || leadership.PartitionEpoch < seen.PartitionEpoch))
            return false;

        var newEpoch = leadership.LeaderEpoch != LeaderEpoch;
        Leadership = leadership;
        var role = !IsOpen ? PartitionRole.Offline
            : leadership.LeaderId == LocalBrokerId ? PartitionRole.Leader
            : PartitionRole.Follower;
        if (newEpoch || role != Role)
        {
            decisions.LeadershipChanged = true;
            FailPending(ErrorCode.NotLeaderOrFollower, decisions);
            _followers = [];
            EpochStartOffset = role == PartitionRole.Leader ? LogEndOffset : -1;
        }

        Role = role;
        TakeOverReplicas(leadership);
        FailTooFew(decisions);
        AskForOneMore(decisions);
        AdvanceHighWatermark(decisions);
        return true;
    }

    /// <summary>Topic configuration in force; a change of the flush policy may release or hold acknowledgements (D4).</summary>
    public void Configure(int minInsyncReplicas, bool countsOnlyDurable, PartitionDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        MinInsyncReplicas = Math.Max(1, minInsyncReplicas);
        CountsOnlyDurable = countsOnlyDurable;
        FailTooFew(decisions);
        ReleaseStored(decisions);
    }

    /// <summary>The log can no longer be used; everything that waits is answered, its outcome unknown.</summary>
    /// <param name="error">Why: a failed disk, a stop.</param>
    /// <param name="decisions">Receives the answers.</param>
    public void WentOffline(ErrorCode error, PartitionDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        IsOpen = false;
        Role = PartitionRole.Offline;
        _pendingIsrChange = null;
        decisions.LeadershipChanged = true;
        FailPending(error, decisions);
    }

    private void FailPending(ErrorCode error, PartitionDecisions<TTicket> decisions)
    {
        while (_waitingForLeader.TryDequeueReached(long.MaxValue, out var ticket))
            decisions.Acks.Add(new(ticket, error));
        while (_waitingForAll.TryDequeueReached(long.MaxValue, out var ticket))
            decisions.Acks.Add(new(ticket, error));
    }
}
