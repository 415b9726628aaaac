using Microsoft.Extensions.Logging;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Partition;
using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Log;

namespace OrleansLog.Grains.Partitions;

internal sealed partial class Partition
{
    /// <summary>Takes over what metadata says, on the appender between two appends.</summary>
    public Task<bool> ApplyAsync(PartitionLeadership leadership) => CallAsync("a change of leadership", () => Apply(leadership));

    /// <summary>The directory failed (S8): nothing is served until a restart, and whatever waits is answered.</summary>
    public void GoOffline()
    {
        var decisions = new PartitionDecisions<AppendRequest>();
        lock (_gate)
        {
            if (!_state.IsOpen)
                return;

            _state.WentOffline(ErrorCode.KafkaStorageError, decisions);
            WakeFetchers(decisions);
        }

        CarryOut(decisions);
    }

    /// <summary>Answers every waiting fetch with what there is: the broker is about to stop.</summary>
    public void WakeAllFetchers()
    {
        lock (_gate)
            WakeFetchers(new PartitionDecisions<AppendRequest> { LeadershipChanged = true });
    }

    /// <summary>
    /// Ends the partition: what is queued is appended and synced, then whoever still waits is told to look for the leader again.
    /// </summary>
    /// <returns>True when the log was closed with everything on disk.</returns>
    public Task<bool> CloseAsync(bool clean) => _appender.CallAsync(() =>
    {
        try
        {
            return Close(clean);
        }
        catch (Exception e)
        {
            // The stop goes on: the others are to be closed cleanly.
            Fail(e, "closing it");
            return false;
        }
    });

    private bool Close(bool clean)
    {
        var decisions = new PartitionDecisions<AppendRequest>();
        if (clean && IsOnline)
            FlushNow(decisions);

        decisions.Clear();
        bool wasOpen;
        lock (_gate)
        {
            wasOpen = _state.IsOpen;
            _state.WentOffline(ErrorCode.NotLeaderOrFollower, decisions);
            WakeFetchers(decisions);
        }

        CarryOut(decisions);
        _broker.Wheel.Cancel(_intervalFlush);
        var outcome = Log.Close(clean && wasOpen);
        return wasOpen && outcome.Error is null;
    }

    /// <summary>Applies retention, on the appender between two appends.</summary>
    public Task<RetentionResult> ApplyRetentionAsync() => CallAsync("retention", () =>
    {
        if (!IsOnline)
            return default;

        var nowMs = _broker.NowMs;
        try
        {
            Log.RollIfAged(nowMs);
        }
        catch (DiskException e)
        {
            Directory.OnWriteError(e, this);
            return default;
        }

        var result = Log.ApplyRetention(nowMs, HighWatermark);
        if (result.Error is { } error)
            Directory.OnWriteError(error, this);

        lock (_gate)
        {
            _state.LogStartMoved(result.LogStartOffset);
            _follower.LogStartMoved(result.LogStartOffset);
        }

        return result;
    });

    /// <summary>On the appender, the only thread that changes the leadership, so what is read before the lock still holds in it.</summary>
    private bool Apply(PartitionLeadership leadership)
    {
        // A new leader first records where its epoch begins.
        var leads = leadership.LeaderId == _broker.BrokerId && leadership.LeaderEpoch >= _state.LeaderEpoch && IsOnline;
        if (leads)
            Log.LeaderEpochs.Assign(leadership.LeaderEpoch, Log.LogEndOffset);

        var decisions = new PartitionDecisions<AppendRequest>();
        bool isNew;
        PartitionLeadership? before;
        lock (_gate)
        {
            before = _state.Leadership;
            isNew = _state.Apply(leadership, decisions);
            FollowLeader(decisions);
            WakeFetchers(decisions);
        }

        if (isNew)
            TellOfChange(before, decisions.LeadershipChanged);

        Repair();
        CarryOut(decisions);
        if (isNew && _settings.FlushPolicy == FlushPolicy.Ack && Log.UnflushedMessages > 0)
            Directory.Flusher.Request(this);

        return isNew;
    }

    /// <summary>One line for what changes while the broker runs; what it finds when it opens the log is detail.</summary>
    private void TellOfChange(PartitionLeadership? before, bool isNewLeadership)
    {
        PartitionLeadership now;
        bool leads;
        lock (_gate)
            (now, leads) = (_state.Leadership!, _state.Role == PartitionRole.Leader);

        var level = before is null ? LogLevel.Debug : LogLevel.Information;
        if (isNewLeadership && leads)
            _broker.Logger.PartitionLed(level, Name, now.LeaderEpoch, Log.LogEndOffset, string.Join(',', now.Isr));
        else if (isNewLeadership && now.LeaderId >= 0)
            _broker.Logger.PartitionFollows(level, Name, now.LeaderId, now.LeaderEpoch);
        else if (leads && before is not null)
            TellOfIsr(before.Isr, now.Isr);
    }

    /// <summary>As a leader: the ISR that the controller persisted.</summary>
    private void TellOfIsr(IReadOnlyList<int> before, IReadOnlyList<int> now)
    {
        if (before.Count == now.Count)
            return;

        var hasShrunk = now.Count < before.Count;
        _broker.Metrics.IsrChanged(hasShrunk);
        _broker.Logger.IsrChanged(hasShrunk ? LogLevel.Warning : LogLevel.Information, Name, string.Join(',', now), string.Join(',', before));
    }
}
