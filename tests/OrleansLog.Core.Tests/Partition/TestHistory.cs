using OrleansLog.Core.Partition;

namespace OrleansLog.Core.Tests.Partition;

/// <summary>An epoch history in memory.</summary>
internal sealed class TestHistory(params (int Epoch, long Start)[] entries) : IEpochHistory
{
    private readonly List<(int Epoch, long Start)> _entries = [.. entries];

    public int LatestEpoch => _entries.Count == 0 ? -1 : _entries[^1].Epoch;

    public void Assign(int epoch, long start)
    {
        if (epoch > LatestEpoch)
            _entries.Add((epoch, start));
    }

    public void TruncateTo(long end) => _entries.RemoveAll(entry => entry.Start >= end);

    public (int Epoch, long EndOffset) EndOffsetFor(int epoch, long logEndOffset)
    {
        if (epoch < 0 || epoch > LatestEpoch)
            return (-1, -1);

        var higher = _entries.FindIndex(entry => entry.Epoch > epoch);
        return higher < 0 ? (LatestEpoch, logEndOffset)
            : higher == 0 ? (epoch, _entries[0].Start)
            : (_entries[higher - 1].Epoch, _entries[higher].Start);
    }
}
