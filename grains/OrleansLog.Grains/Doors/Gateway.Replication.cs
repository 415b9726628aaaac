using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>Elections and reassignments.</summary>
public sealed partial class Gateway
{
    /// <summary>Elects leaders on demand; <paramref name="partitions"/> null: of all partitions that need it.</summary>
    public async ValueTask<PartitionResults> ElectLeadersAsync(ElectionType type, TopicPartition[]? partitions) =>
        await AppliedAsync(await PartitionsAsync(controller => controller.ElectLeadersAsync(type, partitions)).ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>Starts, changes and cancels reassignments (KIP-455).</summary>
    public async ValueTask<PartitionResults> ReassignPartitionsAsync(PartitionReassignment[] reassignments, bool mayChangeFactor) =>
        await AppliedAsync(await PartitionsAsync(controller => controller.AlterPartitionReassignmentsAsync(reassignments, mayChangeFactor)).ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>Reassignments under way, of the partitions asked for or of all when null.</summary>
    public async ValueTask<OngoingReassignment[]> ListReassignmentsAsync(TopicPartition[]? partitions, CancellationToken cancellationToken)
    {
        var image = await AppliedAsync(0, cancellationToken).ConfigureAwait(false);
        var asked = partitions is null
            ? image.TopicIds.SelectMany(pair => image.Topics[pair.Value].Partitions.Select(partition => (pair.Key, Partition: (PartitionImage?)partition)))
            : partitions.Distinct().Select(partition => (Key: partition.Topic, image.FindTopic(partition.Topic)?.Find(partition.Partition)));
        return [.. asked.Where(pair => pair.Item2 is { IsReassigning: true }).Select(pair => new OngoingReassignment(
            pair.Item1, pair.Item2!.Partition, [.. pair.Item2.Replicas], [.. pair.Item2.Adding], [.. pair.Item2.Removing]))];
    }

    private Task<PartitionResults> PartitionsAsync(Func<IControllerGrain, Task<PartitionResults>> ask) =>
        RemoteErrors.OrNotControllerAsync(controllerCalls.AskAsync(ask), ControllerMapping.NotController);

    private async ValueTask<PartitionResults> AppliedAsync(PartitionResults results)
    {
        await WaitForAsync(results.Version).ConfigureAwait(false);
        return results;
    }
}
