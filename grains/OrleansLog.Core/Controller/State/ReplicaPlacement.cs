using System.Collections.Immutable;

namespace OrleansLog.Core.Controller;

/// <summary>
/// Chooses brokers for new partitions: leaders go where the fewest are preferred, followers to racks without a copy yet and
/// then where the fewest replicas are. Ties turn with the number of the partition, so that small topics do not pile up.
/// </summary>
internal sealed class ReplicaPlacement
{
    private readonly BrokerImage[] _brokers;
    private readonly Dictionary<int, int> _leaders = [];
    private readonly Dictionary<int, int> _replicas = [];
    private int _turn;

    public ReplicaPlacement(MetadataImage image)
    {
        _brokers = [.. image.Brokers.Values.Where(broker => broker.IsActive && !broker.Directories.IsEmpty)];
        _turn = image.PartitionCount;
        foreach (var topic in image.Topics.Values)
        {
            foreach (var partition in topic.Partitions)
            {
                Count(partition.Replicas);
            }
        }
    }

    /// <summary>Brokers that can take replicas.</summary>
    public int BrokerCount => _brokers.Length;

    /// <summary>Chooses the brokers of one partition, preferred leader first; there are at least as many brokers.</summary>
    public ImmutableArray<int> Choose(int replicationFactor)
    {
        var chosen = ImmutableArray.CreateBuilder<int>(replicationFactor);
        var racks = new HashSet<string?>();
        while (chosen.Count < replicationFactor)
        {
            BrokerImage? best = null;
            (bool RackIsTaken, int Load) bestScore = default;
            for (var i = 0; i < _brokers.Length; i++)
            {
                var broker = _brokers[(_turn + i) % _brokers.Length];
                if (chosen.Contains(broker.Id))
                {
                    continue;
                }

                var load = chosen.Count == 0 ? _leaders : _replicas;
                var score = (RackIsTaken: broker.Rack is not null && racks.Contains(broker.Rack), Load: load.GetValueOrDefault(broker.Id));
                if (best is null || score.CompareTo(bestScore) < 0)
                {
                    (best, bestScore) = (broker, score);
                }
            }

            chosen.Add(best!.Id);
            racks.Add(best.Rack);
        }

        _turn++;
        var replicas = chosen.DrainToImmutable();
        Count(replicas);
        return replicas;
    }

    private void Count(ImmutableArray<int> replicas)
    {
        _leaders[replicas[0]] = _leaders.GetValueOrDefault(replicas[0]) + 1;
        foreach (var id in replicas)
        {
            _replicas[id] = _replicas.GetValueOrDefault(id) + 1;
        }
    }
}
