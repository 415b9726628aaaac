using OrleansLog.Core.Partition;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Replication;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Partitions;

/// <summary>What a leader does for its followers.</summary>
internal sealed partial class Partition
{
    private readonly List<ReplicaWatch> _watches = [];
    private readonly LogEpochHistory _history;

    /// <summary>A follower wants to hear what is new.</summary>
    public void AddWatch(ReplicaWatch watch)
    {
        lock (_gate)
            _watches.Add(watch);
    }

    /// <summary>It no longer does.</summary>
    public void RemoveWatch(ReplicaWatch watch)
    {
        lock (_gate)
            _watches.Remove(watch);
    }

    /// <summary>A follower told how far it has come: what it has counts for the high watermark, and it may join the ISR.</summary>
    public void ReplicaMoved(ReplicaWatch watch, PartitionDecisions<AppendRequest> decisions)
    {
        decisions.Clear();
        lock (_gate)
        {
            if (CheckReplica(watch, out var diverging) == ErrorCode.None && diverging is null)
                Count(watch, decisions);
        }

        AnsweringThread.Begin();
        try
        {
            CarryOut(decisions);
        }
        finally
        {
            AnsweringThread.End();
        }
    }

    /// <summary>
    /// Reads what a follower lacks, up to the log's end; the caller disposes <paramref name="read"/>, which may be cold where only what is cached is wanted: the
    /// answer is none then.
    /// </summary>
    public ReplicaAnswer ReadFor(
        ReplicaWatch watch, int maxBytes, bool atLeastOneBatch, PartitionDecisions<AppendRequest> decisions, bool cachedOnly, out LogRead read)
    {
        decisions.Clear();
        read = default;
        var position = watch.Position;
        DivergingEpoch? diverging;
        long highWatermark, logStartOffset, logEndOffset;
        ErrorCode error;
        lock (_gate)
        {
            error = CheckReplica(watch, out diverging);

            // It asked before this replica led under its epoch. Where there is nothing to fetch it does not ask again, and would not join the ISR.
            if (error == ErrorCode.None && diverging is null && !watch.IsCounted)
                Count(watch, decisions);

            highWatermark = _state.HighWatermark;
            logStartOffset = _state.LogStartOffset;
            logEndOffset = _state.LogEndOffset;
        }

        CarryOut(decisions);
        if (error == ErrorCode.None && diverging is null && position.FetchOffset < logEndOffset)
        {
            read = Log.Read(position.FetchOffset, maxBytes, logEndOffset, atLeastOneBatch, cachedOnly);
            error = read.Error;
            if (read.IsCold)
                _broker.Metrics.FetchedCold(TopicTag);

            NoteReadError(read.Damage, read.DiskError);

            // Read under this leadership only: under the next one the log may have been cut, and written on, in between.
            lock (_gate)
            {
                if (error == ErrorCode.None && _state.CheckLeader(position.LeaderEpoch) is var now and not ErrorCode.None)
                    error = now;
            }
        }

        return new ReplicaAnswer
        {
            TopicId = position.TopicId,
            Partition = position.Partition,
            AskedLeaderEpoch = position.LeaderEpoch,
            AskedOffset = position.FetchOffset,
            Error = error,
            HighWatermark = highWatermark,
            LogStartOffset = logStartOffset,
            LogEndOffset = error == ErrorCode.OffsetOutOfRange ? logEndOffset : -1,
            Diverging = diverging,
            Records = error == ErrorCode.None ? read.Data : default,
        };
    }

    /// <summary>Takes followers that lag out of the ISR, and asks for those that may join; called now and then.</summary>
    public void CheckIsr(PartitionDecisions<AppendRequest> decisions) => AskAboutIsr(decisions, static (state, nowMs, into) => state.CheckIsr(nowMs, into));

    /// <summary>Brokers came, went or were fenced.</summary>
    public void EligibilityChanged(PartitionDecisions<AppendRequest> decisions) => AskAboutIsr(decisions, static (state, _, into) => state.EligibilityChanged(into));

    /// <summary>The controller answered an ISR change; an error other than its own means that nothing is known.</summary>
    public void IsrChangeAnswered(IsrChange asked, ErrorCode error, PartitionLeadership? now, PartitionDecisions<AppendRequest> decisions) =>
        AskAboutIsr(decisions, (state, _, into) => state.IsrChangeAnswered(asked, error, now, into));

    private void AskAboutIsr(PartitionDecisions<AppendRequest> decisions, Action<PartitionState<AppendRequest>, long, PartitionDecisions<AppendRequest>> ask)
    {
        decisions.Clear();
        IReadOnlyList<int>? before, now;
        lock (_gate)
        {
            if (!_state.IsOpen)
                return;

            before = _state.Leadership?.Isr;
            _state.LocalBrokerEpoch = _broker.BrokerEpoch;
            ask(_state, _broker.MonotonicMs, decisions);
            now = _state.Leadership?.Isr;
            TellReplicasChanged();
            WakeFetchers(decisions);
        }

        if (!ReferenceEquals(before, now) && before is not null && now is not null)
            TellOfIsr(before, now);

        CarryOut(decisions);
    }

    /// <summary>Under the lock: takes note of how far a follower has come.</summary>
    private void Count(ReplicaWatch watch, PartitionDecisions<AppendRequest> decisions)
    {
        var offset = watch.Position.FetchOffset;
        watch.IsCounted = true;
        _state.LocalBrokerEpoch = _broker.BrokerEpoch;
        _state.FollowerFetched(watch.Session.BrokerId, watch.Session.BrokerEpoch, offset, offset, _broker.MonotonicMs, decisions, watch.Position.HasLost);
        if (_state.FollowerStarts(watch.Session.BrokerId, watch.Position.LogStartOffset))
            TellReplicasChanged();

        WakeFetchers(decisions);
    }

    /// <summary>Under the lock.</summary>
    private ErrorCode CheckReplica(ReplicaWatch watch, out DivergingEpoch? diverging)
    {
        var position = watch.Position;
        return _state.CheckReplicaFetch(
            watch.Session.BrokerId, watch.Session.BrokerEpoch, position.LeaderEpoch, position.LastFetchedEpoch, position.FetchOffset, _history, out diverging);
    }

    /// <summary>Under the lock: the log grew, more of it is committed, or somebody else leads.</summary>
    private void NotifyReplicas()
    {
        foreach (var watch in _watches)
            watch.Notify();
    }
}
