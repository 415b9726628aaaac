using OrleansLog.Protocol.Records;

namespace OrleansLog.Client;

/// <summary>A record to write.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Key">Key; null is kept apart from empty, and means that any partition will do.</param>
/// <param name="Value">Value; null is kept apart from empty, and deletes the key in a compacted topic.</param>
/// <typeparam name="TKey">Type of the key.</typeparam>
/// <typeparam name="TValue">Type of the value.</typeparam>
public readonly record struct ProducerRecord<TKey, TValue>(string Topic, TKey Key, TValue Value)
{
    private readonly int _partitionPlusOne;
    private readonly long _timestampPlusOne;

    /// <summary>Partition to write to, or null to let the partitioner choose.</summary>
    public int? Partition
    {
        get => _partitionPlusOne == 0 ? null : _partitionPlusOne - 1;
        init => _partitionPlusOne = value is not { } partition ? 0
            : partition >= 0 ? partition + 1
            : throw new ArgumentOutOfRangeException(nameof(Partition), partition, "A partition is numbered from 0; leave it null to have one chosen.");
    }

    /// <summary>Milliseconds since the Unix epoch, or null for now.</summary>
    public long? TimestampMs
    {
        get => _timestampPlusOne == 0 ? null : _timestampPlusOne - 1;
        init => _timestampPlusOne = value is not { } timestamp ? 0
            : timestamp >= 0 ? timestamp + 1
            : throw new ArgumentOutOfRangeException(nameof(TimestampMs), timestamp, "A timestamp counts milliseconds from the Unix epoch; leave it null for now.");
    }

    /// <summary>Headers, in order; keys may repeat.</summary>
    public ReadOnlyMemory<RecordHeader> Headers { get; init; }
}
