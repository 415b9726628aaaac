using OrleansLog.Core.Partition;
using OrleansLog.Log;

namespace OrleansLog.Grains.Partitions;

internal sealed partial class Partition
{
    private int _deletesUnderWay;
    private long _wantedLogStart;

    /// <summary>Looks an offset up: earliest, latest, of the largest timestamp, or the first at or after a timestamp.</summary>
    public ListOffsetsResult ListOffset(in ListOffsetsQuery query)
    {
        long highWatermark;
        long logStartOffset;
        int leaderEpoch;
        lock (_gate)
        {
            // Whatever lies past the high watermark must not show, so a new leader tells nothing before it has caught up with itself.
            var error = query.TimestampMs == OffsetSpec.Earliest
                ? _state.CheckLeader(query.CurrentLeaderEpoch)
                : _state.CheckLatest(query.CurrentLeaderEpoch);
            if (error != ErrorCode.None)
                return new ListOffsetsResult(error, -1);

            highWatermark = _state.HighWatermark;
            logStartOffset = _state.LogStartOffset;
            leaderEpoch = _state.LeaderEpoch;
        }

        return query.TimestampMs switch
        {
            OffsetSpec.Latest => new ListOffsetsResult(ErrorCode.None, highWatermark, -1, leaderEpoch),
            OffsetSpec.Earliest => new ListOffsetsResult(ErrorCode.None, logStartOffset, -1, EpochOf(logStartOffset, leaderEpoch)),
            OffsetSpec.MaxTimestamp => Answer(Log.FindMaxTimestamp(), highWatermark),
            >= 0 => Answer(Log.OffsetForTimestamp(query.TimestampMs), highWatermark),
            _ => new ListOffsetsResult(ErrorCode.UnsupportedVersion, -1),
        };
    }

    /// <summary>Where a leader epoch ended in this log; the leader's word, as Kafka's.</summary>
    public LeaderEpochEnd OffsetForLeaderEpoch(int currentLeaderEpoch, int leaderEpoch)
    {
        ErrorCode error;
        lock (_gate)
            error = _state.CheckLeader(currentLeaderEpoch);

        if (error != ErrorCode.None)
            return new LeaderEpochEnd(error, -1, -1);

        var (epoch, endOffset) = Log.LeaderEpochs.EndOffsetFor(leaderEpoch, Log.LogEndOffset);
        return new LeaderEpochEnd(ErrorCode.None, epoch, endOffset);
    }

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
    /// not come back with a crash, and what could not be written down is not gone.
    /// </summary>
    public async Task<DeleteRecordsResult> DeleteRecordsAsync(long beforeOffset)
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

    private ListOffsetsResult Answer(in TimestampSearch search, long highWatermark)
    {
        NoteReadError(search.Damage, search.DiskError);
        return search.Error != ErrorCode.None || search.Found.Offset < 0 || search.Found.Offset >= highWatermark
            ? new ListOffsetsResult(search.Error, -1)
            : new ListOffsetsResult(ErrorCode.None, search.Found.Offset, search.Found.TimestampMs, search.LeaderEpoch);
    }

    private int EpochOf(long offset, int otherwise) => Log.LeaderEpochs.EpochFor(offset) is var epoch and >= 0 ? epoch : otherwise;
}
