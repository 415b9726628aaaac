using OrleansLog.Core.Partition;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Log;

namespace OrleansLog.Grains.Partitions;

/// <summary>How a follower's log goes back: to where its leader's history is, or to before what is damaged (D15).</summary>
internal sealed partial class Partition
{
    private long _cutsTo = long.MaxValue;

    /// <summary>The high watermark to be written down: where it is, or where a cut under way moves it back to (D15).</summary>
    public long HighWatermarkToWrite
    {
        get
        {
            lock (_gate)
                return Math.Min(_state.HighWatermark, _cutsTo);
        }
    }

    /// <summary>Under the lock: a follower fetches anew what is damaged, a leader lets another one lead, if there is one in sync.</summary>
    /// <returns>False where nothing comes of it, as nobody needs those records any more.</returns>
    private bool NoteDamage(LogDamage damage, PartitionDecisions<AppendRequest> decisions)
    {
        if (damage.ToOffset <= _state.LogStartOffset)
            return false;

        if (_state.Role == PartitionRole.Follower)
            _follower.Damaged(damage.FromOffset);

        _state.LocalBrokerEpoch = _broker.BrokerEpoch;
        _state.Resign(decisions);
        return true;
    }

    /// <summary>On the appender: goes back to before what is damaged, once this replica is out of ISR and ELR (D15).</summary>
    private void Repair()
    {
        FollowerDecisions decided;
        lock (_gate)
        {
            if (_state.Role != PartitionRole.Follower || !_follower.IsDamaged)
                return;

            decided = new FollowerDecisions();
            _follower.Repair(_state.Leadership!.Isr.Contains(_broker.BrokerId) || _state.Leadership.Elr.Contains(_broker.BrokerId), decided);
        }

        ChangeLog(default, decided, isRepair: true);
    }

    /// <summary>
    /// The end of the log goes. First of all nothing may say any more that it is committed or on disk: a crash in between must find a log that
    /// is longer than its checkpoints, not shorter (D15). Where that cannot be written, as on a full disk, all stays as it is until it can.
    /// </summary>
    private void CutTo(in LogCut cut, FollowerDecisions decided)
    {
        var before = Log.LogEndOffset;
        lock (_gate)
            _cutsTo = cut.Offset;

        try
        {
            if (!Directory.LowerHighWatermark(this, cut.Offset))
            {
                lock (_gate)
                    _follower.ChangeFailed(decided);
                return;
            }

            _owesRecoveryPoint = true;
            Cut(cut);
        }
        finally
        {
            // What is damaged in the place of what went is told of anew.
            lock (_gate)
            {
                _cutsTo = long.MaxValue;
                _damageTold.Clear();
            }
        }

        if (cut.IsRepair)
            _broker.Logger.ReplicaRepaired(Name, before, Log.LogEndOffset, LeaderEpochFollowed);
        else
            _broker.Logger.ReplicaTruncated(Name, before, Log.LogEndOffset, LeaderEpochFollowed);
    }

    private void Cut(in LogCut cut)
    {
        if (cut.Restarts)
        {
            Log.TruncateFullyAndStartAt(cut.Offset);
            lock (_gate)
            {
                _state.Restarted(cut.Offset);
                _follower.Restarted(cut.Offset);
            }

            return;
        }

        // An epoch in which nothing was written goes, too, or the leader would be asked about it for ever.
        var end = Log.TruncateTo(cut.Offset);
        Log.LeaderEpochs.TruncateFromEnd(end);
        lock (_gate)
        {
            _state.Truncated(end);
            _follower.Truncated(end);
        }
    }
}
