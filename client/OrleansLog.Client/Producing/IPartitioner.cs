namespace OrleansLog.Client;

/// <summary>Chooses the partition of a record that names none. Called from many threads at once.</summary>
public interface IPartitioner
{
    /// <summary>Chooses a partition.</summary>
    /// <param name="topic">Topic name.</param>
    /// <param name="key">The serialized key; valid during the call.</param>
    /// <param name="keyIsNull">True when the record has no key.</param>
    /// <param name="partitionCount">Number of partitions of the topic, at least 1.</param>
    /// <returns>A partition from 0 to <paramref name="partitionCount"/> - 1, or <see cref="Partitioner.Sticky"/>.</returns>
    int Choose(string topic, ReadOnlySpan<byte> key, bool keyIsNull, int partitionCount);
}
