using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary>Counts deliveries. Reports of one partition come one after the other; those of several at once.</summary>
internal sealed class ProduceTally(int partitions)
{
    private readonly Partition[] _partitions = [.. Enumerable.Range(0, partitions).Select(_ => new Partition())];
    private LogException? _firstError;
    private object? _firstErrorState;
    private long _failed;

    /// <summary>The first record that was not stored, or null.</summary>
    public LogException? FirstError => Volatile.Read(ref _firstError);

    /// <summary>The number of that record, where it is known.</summary>
    public long? FirstErrorRecord => RecordSizes.NumberOf(_firstErrorState);

    public long Failed => Volatile.Read(ref _failed);

    public long Stored => _partitions.Sum(partition => Volatile.Read(ref partition.Records));

    /// <summary>Bytes of the input that are stored, with what ends a record.</summary>
    public long StoredBytes => _partitions.Sum(partition => Volatile.Read(ref partition.Bytes));

    /// <summary>The producer's delivery handler.</summary>
    public void Handle(in DeliveryReport report)
    {
        if (report.Error is { } error)
        {
            _ = Interlocked.Increment(ref _failed);
            if (Interlocked.CompareExchange(ref _firstError, error, null) is null)
            {
                _firstErrorState = report.State;
            }

            return;
        }

        if ((uint)report.Partition < (uint)_partitions.Length)
        {
            var partition = _partitions[report.Partition];
            if (partition.Records++ == 0)
            {
                partition.First = report.Offset;
            }

            partition.Last = report.Offset;
            partition.Bytes += RecordSizes.BytesOf(report.State);
        }
    }

    public IReadOnlyList<ProducedPartitionDocument> ToDocuments() =>
    [
        .. _partitions
            .Select((partition, i) => new ProducedPartitionDocument(i, partition.Records, partition.First, partition.Last))
            .Where(document => document.Records > 0),
    ];

    private sealed class Partition
    {
        public long Records;
        public long Bytes;
        public long First = -1;
        public long Last = -1;
    }
}
