using OrleansLog.Core.Partition;

namespace OrleansLog.Grains.Partitions;

/// <summary>How a follower's log goes back.</summary>
/// <param name="Offset">Where the log ends afterwards, or starts anew.</param>
/// <param name="Restarts">Whether all of it goes, and it starts anew at the offset.</param>
/// <param name="IsRepair">Whether it goes back because it is damaged (D15), and not because its leader's history is another one.</param>
internal readonly record struct LogCut(long Offset, bool Restarts, bool IsRepair)
{
    /// <summary>The cut that was decided, or null.</summary>
    public static LogCut? Of(FollowerDecisions decided, bool isRepair) =>
        decided.RestartAt is { } start ? new(start, Restarts: true, isRepair)
        : decided.TruncateTo is { } end ? new(end, Restarts: false, isRepair)
        : null;
}
