using OrleansLog.Core.Partition;
using OrleansLog.Log;

namespace OrleansLog.Grains.Partitions;

internal sealed partial class Partition
{
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

    private ListOffsetsResult Answer(in TimestampSearch search, long highWatermark)
    {
        NoteReadError(search.Damage, search.DiskError);
        return search.Error != ErrorCode.None || search.Found.Offset < 0 || search.Found.Offset >= highWatermark
            ? new ListOffsetsResult(search.Error, -1)
            : new ListOffsetsResult(ErrorCode.None, search.Found.Offset, search.Found.TimestampMs, search.LeaderEpoch);
    }

    private int EpochOf(long offset, int otherwise) => Log.LeaderEpochs.EpochFor(offset) is var epoch and >= 0 ? epoch : otherwise;
}
