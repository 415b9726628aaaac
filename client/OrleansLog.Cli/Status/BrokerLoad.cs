using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary>A broker, and what it has to do.</summary>
/// <param name="Id"><c>node.id</c>.</param>
/// <param name="State">
/// <c>up</c>; <c>stopping</c>, handing its partitions over; <c>fenced</c>, registered and not there; <c>away</c>, known only as the holder of replicas.
/// </param>
/// <param name="IsController">Whether it hosts the controller.</param>
/// <param name="Listener">Where clients find it, or null.</param>
/// <param name="Rack"><c>broker.rack</c>, or null.</param>
/// <param name="Leaders">Partitions that it leads.</param>
/// <param name="Replicas">Replicas that it holds.</param>
/// <param name="OutOfSync">Those of them that are not in sync.</param>
internal sealed record BrokerLoad(int Id, string State, bool IsController, string? Listener, string? Rack, int Leaders, int Replicas, int OutOfSync)
{
    public const string Up = "up";

    /// <summary>All brokers, by id; those too that only replicas name.</summary>
    public static IReadOnlyList<BrokerLoad> Of(ClusterDescription cluster, IEnumerable<TopicDescription> topics)
    {
        var known = cluster.Brokers.ToDictionary(static broker => broker.Id);
        var (leaders, replicas, outOfSync) = (new Dictionary<int, int>(), new Dictionary<int, int>(), new Dictionary<int, int>());
        foreach (var partition in topics.SelectMany(static topic => topic.Partitions))
        {
            Count(leaders, partition.LeaderId);
            foreach (var replica in partition.Replicas)
            {
                Count(replicas, replica);
                if (!partition.Isr.Contains(replica))
                {
                    Count(outOfSync, replica);
                }
            }
        }

        return [.. known.Keys.Union(replicas.Keys).Order().Select(Load)];

        BrokerLoad Load(int id)
        {
            var broker = known.GetValueOrDefault(id);
            return new BrokerLoad(
                id, StateOf(broker), id == cluster.ControllerId, broker is { Port: > 0 } ? $"{broker.Host}:{broker.Port}" : null, broker?.Rack,
                leaders.GetValueOrDefault(id), replicas.GetValueOrDefault(id), outOfSync.GetValueOrDefault(id));
        }

        static void Count(Dictionary<int, int> counts, int id) => counts[id] = counts.GetValueOrDefault(id) + 1;
    }

    public BrokerLoadDocument ToDocument() => new(Id, State, IsController, Listener, Rack, Leaders, Replicas, OutOfSync);

    private static string StateOf(BrokerDescription? broker) => broker switch
    {
        null => "away",
        { IsFenced: true } => "fenced",
        { IsShuttingDown: true } => "stopping",
        _ => Up,
    };
}
