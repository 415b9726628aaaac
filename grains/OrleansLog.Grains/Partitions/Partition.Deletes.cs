using OrleansLog.Log;

namespace OrleansLog.Grains.Partitions;

/// <summary>DeleteRecords: the log start moves here, then at the followers.</summary>
internal sealed partial class Partition
{
    private TaskCompletionSource? _replicasChanged;
    private int _deletesUnderWay;
    private long _wantedLogStart;

    /// <summary>The log start to be written down: where it is, or where a DeleteRecords under way moves it.</summary>
    public long LogStartToWrite
    {
        get
        {
            lock (_gate)
                return _deletesUnderWay > 0 ? Math.Max(Log.LogStartOffset, _wantedLogStart) : Log.LogStartOffset;
        }
    }

    /// <summary>
    /// Moves the log start (DeleteRecords). It is on disk before any reader sees it, and before it is answered: what was said to be gone must
    /// not come back with a crash, and what could not be written down is not gone. Nor with another leader: it is answered when all replicas that
    /// are alive have moved.
    /// </summary>
    /// <param name="beforeOffset">Everything before it goes; -1 for the high watermark.</param>
    /// <param name="timeoutMs">How long the other replicas may take, in milliseconds.</param>
    public async Task<DeleteRecordsResult> DeleteRecordsAsync(long beforeOffset, int timeoutMs)
    {
        var began = _broker.MonotonicMs;
        var result = await MoveLogStartAsync(beforeOffset);
        return result.Error == ErrorCode.None ? await WaitForReplicasAsync(result.LogStartOffset, began + timeoutMs) : result;
    }

    private async Task<DeleteRecordsResult> MoveLogStartAsync(long beforeOffset)
    {
        var (error, target) = await CallAsync("DeleteRecords", () => BeginDelete(beforeOffset));
        if (error != ErrorCode.None)
            return new DeleteRecordsResult(error, -1);

        try
        {
            return await Directory.WriteLogStartsAsync()
                ? await CallAsync("DeleteRecords", () => MoveLogStart(target))
                : new DeleteRecordsResult(ErrorCode.KafkaStorageError, -1);
        }
        finally
        {
            lock (_gate)
                _deletesUnderWay--;
        }
    }

    /// <summary>On the appender: what was queued before it is appended first.</summary>
    private (ErrorCode Error, long Target) BeginDelete(long beforeOffset)
    {
        lock (_gate)
        {
            var error = _state.CheckDeleteRecords(beforeOffset, out var target);

            // As in Kafka: a topic that is only compacted keeps the latest record of each key for good.
            if (_settings.Log is { IsCompacted: true, IsDeleted: false } && error == ErrorCode.None)
                error = ErrorCode.PolicyViolation;

            if (error == ErrorCode.None)
                _wantedLogStart = _deletesUnderWay++ == 0 ? target : Math.Max(_wantedLogStart, target);

            return (error, target);
        }
    }

    /// <summary>On the appender, between two appends.</summary>
    private DeleteRecordsResult MoveLogStart(long target)
    {
        lock (_gate)
        {
            // Another may lead by now, or the log be closed. What is written down is written over; until then it only says what was asked for.
            var error = _state.CheckDeleteRecords(target, out _);
            if (error != ErrorCode.None)
                return new DeleteRecordsResult(error, -1);
        }

        try
        {
            var logStartOffset = Log.AdvanceLogStart(target);
            lock (_gate)
            {
                _state.LogStartMoved(logStartOffset);
                NotifyReplicas();
            }

            return new DeleteRecordsResult(ErrorCode.None, logStartOffset);
        }
        catch (DiskException e)
        {
            Directory.OnWriteError(e, this);
            return new DeleteRecordsResult(ErrorCode.KafkaStorageError, -1);
        }
    }

    private async Task<DeleteRecordsResult> WaitForReplicasAsync(long logStartOffset, long untilMs)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                var error = _state.CheckLeader(-1);
                if (error != ErrorCode.None)
                    return new DeleteRecordsResult(error, -1);

                var low = _state.LowWatermark;
                if (low >= logStartOffset)
                    return new DeleteRecordsResult(ErrorCode.None, low);

                changed = (_replicasChanged ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            var leftMs = untilMs - _broker.MonotonicMs;
            if (leftMs <= 0)
                return new DeleteRecordsResult(ErrorCode.RequestTimedOut, -1);

            await changed.WaitAsync(TimeSpan.FromMilliseconds(leftMs), _broker.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Under the lock: a follower's log start moved, a broker came or went, or somebody else leads.</summary>
    private void TellReplicasChanged()
    {
        _replicasChanged?.TrySetResult();
        _replicasChanged = null;
    }
}
