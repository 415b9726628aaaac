using System.Runtime.InteropServices;
using OrleansLog.Core.Partition;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Replication;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Partitions;

/// <summary>What a replica does to have what its leader has. The rules are <see cref="FollowerState"/>'s; its state is guarded by the partition's lock.</summary>
internal sealed partial class Partition
{
    private const int BriefAnswerMaxBytes = 64 * 1024;

    private readonly FollowerState _follower;
    private FollowedReplica? _followed;
    private bool _owesRecoveryPoint;

    /// <summary>Who fetches for this replica, and is told when it can go on; null for nobody.</summary>
    public FollowedReplica? Followed
    {
        get => Volatile.Read(ref _followed);
        set => Volatile.Write(ref _followed, value);
    }

    /// <summary>The leader to fetch from, or -1: this replica leads, or nobody does, or its log cannot be used.</summary>
    public int LeaderToFollow
    {
        get
        {
            lock (_gate)
                return _state.Role == PartitionRole.Follower ? _state.Leadership!.LeaderId : -1;
        }
    }

    /// <summary>
    /// The next fetch from a leader, if it is still the one to follow and it is time for one: what is asked of another is never answered to whoever
    /// fetches from the right one. Under the <c>ack</c> policy it waits until all that was appended is on disk, as a fetch says to
    /// the leader that everything before its offset is stored (D4).
    /// </summary>
    public bool TryNextFetch(int leaderId, out FollowerFetch fetch)
    {
        fetch = default;
        lock (_gate)
        {
            if (_state.Role != PartitionRole.Follower || _state.Leadership!.LeaderId != leaderId || !_follower.CanFetch || _state.StoredEndOffset < _state.LogEndOffset)
                return false;

            _follower.Stored(_state.StoredEndOffset);
            fetch = _follower.NextFetch();
            return true;
        }
    }

    /// <summary>A fetch was lost with its connection.</summary>
    public void FetchLost(in FollowerFetch asked)
    {
        lock (_gate)
            _follower.FetchFailed(asked, new FollowerDecisions());
    }

    /// <summary>Takes in what the leader answered, on the appender between two appends. Does not fail.</summary>
    /// <returns>
    /// The pause before the next fetch, in milliseconds, and whether the question still stands: news of what is committed leave it as it is, at the
    /// leader too.
    /// </returns>
    public async Task<(int BackOffMs, bool StillAsked)> TakeAsync(FollowerFetch asked, ReplicaAnswer answer)
    {
        try
        {
            // With small answers, asking for the next one is brief; with large ones the next may be there already, and has to be received.
            var isBrief = answer.Records.Length <= BriefAnswerMaxBytes;
            return await CallAsync("an answer of its leader", () => Take(asked, answer), isBrief).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Told already, and the partition is offline; or the broker stops.
            return (0, false);
        }
    }

    /// <summary>Whoever fetches for it may ask whether it can go on.</summary>
    private void TellReady() => Followed?.TellReady();

    /// <summary>Under the lock: what leadership was taken over is followed, unless it is this replica's own; what is damaged counts under a new one.</summary>
    private void FollowLeader(PartitionDecisions<AppendRequest> decisions)
    {
        var isNew = decisions.LeadershipChanged && _state.Role == PartitionRole.Leader;
        if (_state.Role == PartitionRole.Follower && _state.Leadership is { LeaderId: >= 0 } leadership)
            isNew = _follower.Follow(leadership.LeaderEpoch, _state.LogStartOffset, _state.LogEndOffset, _state.StoredEndOffset, _state.HighWatermark);

        if (!isNew)
            return;

        foreach (var damage in Log.Damage)
            NoteDamage(damage, decisions);
    }

    private (int BackOffMs, bool StillAsked) Take(in FollowerFetch asked, in ReplicaAnswer answer)
    {
        Repair();
        var decided = new FollowerDecisions();
        lock (_gate)
        {
            if (_state.Role != PartitionRole.Follower)
                return (0, false);

            _follower.Fetched(
                new FollowerFetchReply(
                    asked, answer.Error, answer.Diverging, answer.HighWatermark, answer.LogStartOffset, answer.LogEndOffset, answer.Records.Length),
                decided);
        }

        ChangeLog(answer.Records, decided, isRepair: false);
        if (decided.HighWatermark is { } highWatermark)
            CommitUpTo(highWatermark);
        if (decided.AdvanceLogStart is { } start)
            FollowLogStart(start);

        var isNewsOnly = answer.Error == ErrorCode.None && answer.Diverging is null && answer.Records.IsEmpty;
        return (decided.BackOffMs, isNewsOnly && StillAsks(asked));
    }

    private void ChangeLog(ReadOnlyMemory<byte> records, FollowerDecisions decided, bool isRepair)
    {
        try
        {
            if (LogCut.Of(decided, isRepair) is { } cut)
                CutTo(cut, decided);
            else if (decided.Append)
                AppendFromLeader(records, decided);
        }
        catch (DiskException error)
        {
            Directory.OnWriteError(error, this);
            lock (_gate)
                _follower.ChangeFailed(decided);
        }
    }

    /// <summary>Puts the same question again, if it is the same: one that found damage meanwhile has another.</summary>
    private bool StillAsks(in FollowerFetch asked)
    {
        lock (_gate)
        {
            if (_state.Role != PartitionRole.Follower || !_follower.CanFetch || _follower.IsDamaged || asked.CurrentLeaderEpoch != _follower.LeaderEpoch
                || asked.FetchOffset != _follower.LogEndOffset || asked.LogStartOffset != _follower.LogStartOffset)
            {
                return false;
            }

            _follower.NextFetch();
            return true;
        }
    }

    private int LeaderEpochFollowed
    {
        get
        {
            lock (_gate)
                return _follower.LeaderEpoch;
        }
    }

    private void AppendFromLeader(ReadOnlyMemory<byte> records, FollowerDecisions decided)
    {
        // A disk that is full, or was when the log was cut, holds this replica up until there is room.
        if (Directory.RefusesAppends || (_owesRecoveryPoint && !Directory.LowerRecoveryPoint(this)))
        {
            lock (_gate)
                _follower.ChangeFailed(decided);
            return;
        }

        _owesRecoveryPoint = false;
        var batches = new List<Memory<byte>>();
        if (!Log.TrySplitReplicated(records, LeaderEpochFollowed, batches, out var reason))
        {
            _broker.Logger.ReplicaAnswerUnusable(Name, reason);
            lock (_gate)
                _follower.ChangeFailed(decided);
            return;
        }

        var outcome = Log.AppendReplicated(CollectionsMarshal.AsSpan(batches), _broker.NowMs);
        if (outcome.Status != AppendStatus.Appended)
            throw outcome.Error!;

        _broker.Metrics.Followed(outcome.Bytes);
        ArmIntervalFlush();
        var decisions = new PartitionDecisions<AppendRequest>();
        lock (_gate)
        {
            _state.Appended(outcome.LogEndOffset, outcome.Bytes, decisions);
            _follower.Appended(outcome.LogEndOffset, decided);
        }

        CarryOut(decisions);
        ScheduleFlush(outcome.Rolled);
    }

    private void CommitUpTo(long highWatermark)
    {
        var decisions = new PartitionDecisions<AppendRequest>();
        lock (_gate)
        {
            _state.LeaderCommitted(highWatermark, decisions);
            WakeFetchers(decisions);
        }

        CarryOut(decisions);
    }

    private void FollowLogStart(long start)
    {
        var moved = Log.AdvanceLogStart(start);
        lock (_gate)
        {
            _state.LogStartMoved(moved);
            _follower.LogStartMoved(moved);
        }
    }
}
