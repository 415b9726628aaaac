using OrleansLog.Log;

namespace OrleansLog.Grains.Replication;

/// <summary>What a leader answers to one fetch of a follower; its memory goes back when it is disposed.</summary>
public sealed class ReplicaFetchResult : IDisposable
{
    private readonly List<LogRead> _reads = [];
    private readonly List<ReplicaAnswer> _answers = [];

    /// <summary>The partitions that have news.</summary>
    public IReadOnlyList<ReplicaAnswer> Answers => _answers;

    internal void Add(in ReplicaAnswer answer, in LogRead read)
    {
        _answers.Add(answer);
        _reads.Add(read);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var read in _reads)
            read.Dispose();

        _reads.Clear();
        _answers.Clear();
    }
}
