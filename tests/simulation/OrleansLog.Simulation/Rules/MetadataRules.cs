using OrleansLog.Core.Controller;

namespace OrleansLog.Simulation;

/// <summary>Looks at every version of the metadata log as it is persisted.</summary>
internal sealed class MetadataRules(World world)
{
    private readonly Dictionary<Guid, HashSet<Guid>> _unclean = [];
    private readonly Dictionary<Guid, string> _topics = [];

    /// <summary>A process starts, and knows from the markers in its directories of which records may be missing.</summary>
    public void Started(Guid incarnation, HashSet<Guid> unclean) => _unclean[incarnation] = unclean;

    public void Persisted(MetadataBatch batch)
    {
        RegisteredBroker? registered = null;
        foreach (var record in batch.Records)
        {
            switch (record)
            {
                case BrokerChangeRecord change when world.Trace.IsWritten:
                    world.Trace.Say(world.NowMs, $"broker {change.Id} of epoch {change.Epoch}: fenced {change.Fenced}, shutting down {change.ShuttingDown}, directories {change.Directories?.Length}");
                    break;
                case BrokerRecord broker:
                    if (registered?.Id == broker.Id)
                        throw new RuleBrokenException("S2", $"two processes of broker {broker.Id} have the broker epoch {broker.Epoch}");

                    registered = new RegisteredBroker(broker.Id, MayHaveLost(broker), broker.Directories);
                    break;
                case TopicRecord topic:
                    _topics[topic.Id] = topic.Name;
                    break;
                case PartitionRecord created:
                    Find(_topics[created.TopicId], created.State.Partition).Created(created.TopicId, created.State);
                    break;
                case PartitionChangeRecord change:
                    Find(_topics[change.TopicId], change.Partition).Changed(change, registered);
                    break;
            }
        }

        foreach (var broker in batch.Records.OfType<BrokerRecord>())
            CheckUnclean(broker);

        foreach (var partition in world.Partitions)
            CheckServed(partition);
    }

    /// <summary>
    /// S7: what may have lost records is trusted by nobody, where its topic was not always synced; but a replica whose directory is gone may keep
    /// its place, as it cannot lead before that is back, and then says again what it may have lost.
    /// </summary>
    private void CheckUnclean(BrokerRecord broker)
    {
        if (!MayHaveLost(broker))
            return;

        foreach (var partition in world.Partitions)
        {
            if (partition.Persisted is { } now && broker.Directories.Contains(now.DirectoryOf(broker.Id) ?? DirectoryIds.Lost) && !world.Scenario.CountsOnlyDurable(partition.Topic.Factor)
                && (now.Isr.Contains(broker.Id) || now.Elr.Contains(broker.Id)))
                throw new RuleBrokenException("S7", $"{partition.Name}: broker {broker.Id} may have lost records, and is in the ISR {string.Join(',', now.Isr)} or the ELR {string.Join(',', now.Elr)}");
        }
    }

    private bool MayHaveLost(BrokerRecord broker) => broker.Directories.Any(_unclean[broker.IncarnationId].Contains);

    /// <summary>D11: who leads is registered, unfenced, and has the very directory.</summary>
    private void CheckServed(PartitionHistory partition)
    {
        if (partition.Persisted is not { HasLeader: true } now)
            return;

        if (world.Database.Image.FindBroker(now.Leader) is not { IsActive: true } broker || !broker.IsOnline(now.DirectoryOf(now.Leader) ?? DirectoryIds.Lost))
            throw new RuleBrokenException("S7", $"{partition.Name}: broker {now.Leader} is to lead, and is fenced or has not the directory of its replica");
        if (!now.Isr.Contains(now.Leader))
            throw new RuleBrokenException("S6", $"{partition.Name}: broker {now.Leader} is to lead, and is not in the ISR");
    }

    private PartitionHistory Find(string topic, int number) => world.Partitions.Find(partition => partition.Topic.Name == topic && partition.Number == number)!;
}
