using OrleansLog.Core.Partition;

namespace OrleansLog.Simulation;

/// <summary>A log's history of leader epochs, as <c>LeaderEpochCache</c> keeps it, without the file: a scan of the records gives it back.</summary>
internal sealed class SimEpochs : IEpochHistory
{
    private readonly List<(int Epoch, long Start)> _entries = [];

    public int LatestEpoch => _entries.Count == 0 ? -1 : _entries[^1].Epoch;

    public void Assign(int epoch, long start)
    {
        if (epoch <= LatestEpoch)
            return;

        TruncateFromEnd(start);
        _entries.Add((epoch, start));
    }

    public (int Epoch, long EndOffset) EndOffsetFor(int epoch, long logEndOffset)
    {
        if (epoch < 0 || epoch > LatestEpoch)
            return (-1, -1);

        var higher = 0;
        while (higher < _entries.Count && _entries[higher].Epoch <= epoch)
            higher++;

        return higher == _entries.Count ? (_entries[^1].Epoch, logEndOffset)
            : higher == 0 ? (epoch, _entries[0].Start)
            : (_entries[higher - 1].Epoch, _entries[higher].Start);
    }

    public void TruncateFromEnd(long end)
    {
        while (_entries.Count > 0 && _entries[^1].Start >= end)
            _entries.RemoveAt(_entries.Count - 1);
    }

    public void TruncateFromStart(long start)
    {
        var first = _entries.FindLastIndex(entry => entry.Start <= start);
        if (first < 0)
            return;

        _entries[first] = (_entries[first].Epoch, start);
        _entries.RemoveRange(0, first);
    }

    public void Clear() => _entries.Clear();
}
