using System.Diagnostics;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Partition;
using OrleansLog.Grains.Appending;

namespace OrleansLog.Grains.Partitions;

internal sealed partial class Partition
{
    private int _isFlushRequested;

    /// <summary>Marks the partition for its directory's flush thread; false when it is marked already.</summary>
    public bool MarkForFlush() => Interlocked.Exchange(ref _isFlushRequested, 1) == 0;

    /// <summary>On the flush thread: makes durable what was appended, and acknowledges what waited for it. Throws nothing.</summary>
    public void FlushNow(PartitionDecisions<AppendRequest> decisions)
    {
        Interlocked.Exchange(ref _isFlushRequested, 0);
        try
        {
            if (IsOnline)
                Flush(decisions);
        }
        catch (Exception e)
        {
            Fail(e, "a sync");
        }
    }

    private void Flush(PartitionDecisions<AppendRequest> decisions)
    {
        var started = Stopwatch.GetTimestamp();
        var outcome = Log.Flush();
        _broker.Metrics.Flushed(Stopwatch.GetElapsedTime(started));
        if (outcome.Error is { } error)
        {
            Directory.OnFlushError(error, this);
            return;
        }

        decisions.Clear();
        try
        {
            lock (_gate)
            {
                if (!_state.IsOpen)
                    return;

                _state.BecameDurable(outcome.DurableEndOffset, decisions);
                WakeFetchers(decisions);
            }
        }
        finally
        {
            CarryOut(decisions);
        }

        TellReady();
    }

    /// <summary>Puts other settings in force; a change to <c>ack</c> syncs the whole log first (D4).</summary>
    public void Configure(PartitionSettings settings)
    {
        if (settings == _settings)
            return;

        _settings = settings;
        Log.UpdateSettings(settings.Log);
        var decisions = new PartitionDecisions<AppendRequest>();
        lock (_gate)
        {
            _state.Configure(settings.MinInsyncReplicas, settings.FlushPolicy == FlushPolicy.Ack, decisions);
            WakeFetchers(decisions);
        }

        CarryOut(decisions);
        ArmIntervalFlush();
        ScheduleFlush(rolled: false);
    }
}
