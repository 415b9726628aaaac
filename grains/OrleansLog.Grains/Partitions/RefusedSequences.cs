using OrleansLog.Protocol.Records;

namespace OrleansLog.Grains.Partitions;

/// <summary>
/// What this broker refused of idempotent producers (K5) in the last two seconds because it did not lead. A client that had several
/// batches under way sent the later ones before it heard of the first refusal; where the leadership comes in between, they find a gap
/// that the client is about to close.
/// </summary>
internal sealed class RefusedSequences(TimeProvider time)
{
    private const int Max = 1024;
    private static readonly TimeSpan RememberedFor = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<(TopicPartition Name, long ProducerId), Refusal> _refusals = [];

    /// <summary>A batch was refused, and is not stored. Beyond 1,024 producers nothing more is remembered until old ones are forgotten.</summary>
    public void Add(TopicPartition name, ReadOnlySpan<byte> batch)
    {
        if (!RecordBatchHeader.TryRead(batch, out var header) || header.ProducerId < 0)
            return;

        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (_refusals.Count >= Max)
                ForgetOld(now);

            if (_refusals.Count < Max || _refusals.ContainsKey((name, header.ProducerId)))
                _refusals[(name, header.ProducerId)] = new(header.ProducerEpoch, NextAfter(header), now);
        }
    }

    /// <summary>
    /// Whether a batch is the one after those that were refused. It is to be refused in the same way then, and counts as refused for
    /// the next one; how long ago the first refusal was decides for all of them.
    /// </summary>
    public bool Precede(TopicPartition name, in RecordBatchHeader header)
    {
        lock (_gate)
        {
            if (!_refusals.TryGetValue((name, header.ProducerId), out var refusal) || refusal.Epoch != header.ProducerEpoch
                || refusal.NextSequence != header.BaseSequence || time.GetElapsedTime(refusal.At) >= RememberedFor)
            {
                return false;
            }

            _refusals[(name, header.ProducerId)] = refusal with { NextSequence = NextAfter(header) };
            return true;
        }
    }

    private static int NextAfter(in RecordBatchHeader header) => (int)((header.LastSequence + 1L) & int.MaxValue);

    private void ForgetOld(long now)
    {
        foreach (var (producer, refusal) in _refusals)
        {
            if (time.GetElapsedTime(refusal.At, now) >= RememberedFor)
                _refusals.Remove(producer);
        }
    }

    private readonly record struct Refusal(short Epoch, int NextSequence, long At);
}
