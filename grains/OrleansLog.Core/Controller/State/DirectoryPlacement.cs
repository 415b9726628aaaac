namespace OrleansLog.Core.Controller;

/// <summary>Gives new replicas the log directory of their broker that holds the fewest, as Kafka does.</summary>
internal sealed class DirectoryPlacement(MetadataImage image)
{
    private Dictionary<(int Broker, Guid Directory), int>? _replicas;

    /// <summary>Chooses a directory, and counts the replica in.</summary>
    public Guid Choose(int brokerId)
    {
        var broker = image.FindBroker(brokerId);
        if (broker is null || broker.Directories.IsEmpty)
        {
            return DirectoryIds.Unassigned;
        }

        var counts = _replicas ??= Count();
        var chosen = broker.Directories[0];
        foreach (var directory in broker.Directories)
        {
            if (counts.GetValueOrDefault((brokerId, directory)) < counts.GetValueOrDefault((brokerId, chosen)))
            {
                chosen = directory;
            }
        }

        counts[(brokerId, chosen)] = counts.GetValueOrDefault((brokerId, chosen)) + 1;
        return chosen;
    }

    private Dictionary<(int Broker, Guid Directory), int> Count()
    {
        var counts = new Dictionary<(int Broker, Guid Directory), int>();
        foreach (var topic in image.Topics.Values)
        {
            foreach (var partition in topic.Partitions)
            {
                for (var i = 0; i < partition.Replicas.Length; i++)
                {
                    var key = (partition.Replicas[i], partition.Directories[i]);
                    counts[key] = counts.GetValueOrDefault(key) + 1;
                }
            }
        }

        return counts;
    }
}
