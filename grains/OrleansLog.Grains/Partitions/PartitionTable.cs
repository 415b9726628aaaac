using System.Collections.Concurrent;

namespace OrleansLog.Grains.Partitions;

/// <summary>The open partitions of this broker, by name; what the data path looks up for every request (D1).</summary>
internal sealed class PartitionTable
{
    private readonly ConcurrentDictionary<TopicPartition, Partition> _byName = new();

    public int Count => _byName.Count;

    public IEnumerable<Partition> All => _byName.Values;

    public Partition? Find(TopicPartition name) => _byName.GetValueOrDefault(name);

    /// <summary>Puts a partition in; false when it was there already.</summary>
    public bool Add(Partition partition) => _byName.TryAdd(partition.Name, partition);

    /// <summary>Takes a partition out, unless another of its name (a topic made anew) has taken its place.</summary>
    public void Remove(Partition partition) => _byName.TryRemove(new(partition.Name, partition));
}
