namespace OrleansLog.Log;

/// <summary>A leader epoch and the first offset written in it.</summary>
/// <param name="Epoch">The leader epoch.</param>
/// <param name="StartOffset">The first offset written in it.</param>
public readonly record struct LeaderEpochEntry(int Epoch, long StartOffset);

/// <summary>
/// The partition's history of leader epochs, kept in <c>leader-epoch-checkpoint</c> in Kafka's form. Reads from any
/// thread; changes from the log's writer only.
/// </summary>
public sealed class LeaderEpochCache
{
    /// <summary>The history, oldest first.</summary>
    public IReadOnlyList<LeaderEpochEntry> Entries => throw new NotImplementedException();

    /// <summary>The latest epoch, or -1.</summary>
    public int LatestEpoch => throw new NotImplementedException();

    /// <summary>Records that an epoch begins at an offset; older or equal epochs are ignored.</summary>
    public void Assign(int epoch, long startOffset) => throw new NotImplementedException();

    /// <summary>
    /// The largest epoch not above the one asked for, and where it ends: Kafka's OffsetForLeaderEpoch. (-1, -1) where the
    /// history does not reach back, or the epoch is above the latest.
    /// </summary>
    public (int Epoch, long EndOffset) EndOffsetFor(int epoch, long logEndOffset) => throw new NotImplementedException();

    /// <summary>The epoch that wrote an offset, or -1.</summary>
    public int EpochFor(long offset) => throw new NotImplementedException();

    /// <summary>Forgets epochs that begin at or after an offset.</summary>
    public void TruncateFromEnd(long endOffset) => throw new NotImplementedException();

    /// <summary>Forgets epochs that end at or before an offset, and lets the first one begin there.</summary>
    public void TruncateFromStart(long startOffset) => throw new NotImplementedException();
}
