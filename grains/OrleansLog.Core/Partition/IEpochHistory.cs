namespace OrleansLog.Core.Partition;

/// <summary>Which leader epoch wrote which offsets of a log.</summary>
public interface IEpochHistory
{
    /// <summary>The latest epoch, or -1.</summary>
    int LatestEpoch { get; }

    /// <summary>The largest epoch not above <paramref name="epoch"/> and the offset after its last record; (-1, -1) when the epoch is above all.</summary>
    /// <param name="epoch">The leader epoch asked for.</param>
    /// <param name="logEndOffset">Where the log, and so the latest epoch, ends.</param>
    (int Epoch, long EndOffset) EndOffsetFor(int epoch, long logEndOffset);
}
