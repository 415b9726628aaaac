using OrleansLog.Log;

namespace OrleansLog.Core.Partition;

/// <summary>The epoch history of a log on disk.</summary>
/// <param name="cache">The log's own history.</param>
public sealed class LogEpochHistory(LeaderEpochCache cache) : IEpochHistory
{
    /// <inheritdoc/>
    public int LatestEpoch => cache.LatestEpoch;

    /// <inheritdoc/>
    public (int Epoch, long EndOffset) EndOffsetFor(int epoch, long logEndOffset) => cache.EndOffsetFor(epoch, logEndOffset);
}
