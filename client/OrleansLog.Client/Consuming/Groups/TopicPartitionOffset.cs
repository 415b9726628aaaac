namespace OrleansLog.Client;

/// <summary>Where a group goes on with a partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">Offset of the next record to read: one past the last one that was handled.</param>
/// <param name="Metadata">A note of the program's own, up to the brokers' <c>offset.metadata.max.bytes</c>; null is none.</param>
/// <param name="LeaderEpoch">Epoch of the leader that wrote the last record that was handled, or -1.</param>
public readonly record struct TopicPartitionOffset(TopicPartition Partition, long Offset, string? Metadata = null, int LeaderEpoch = -1)
{
    /// <summary>Behind a record, which was handled.</summary>
    public static TopicPartitionOffset After<TKey, TValue>(in ConsumeResult<TKey, TValue> record, string? metadata = null) =>
        new(record.TopicPartition, record.Offset + 1, metadata, record.LeaderEpoch);

    internal OffsetToCommit ToCall() => new() { Partition = Partition, Offset = Offset, LeaderEpoch = LeaderEpoch, Metadata = Metadata };
}
