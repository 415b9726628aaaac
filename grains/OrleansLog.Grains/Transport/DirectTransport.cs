using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>
/// The transport of a client in the broker's own process (D13): partitions that this broker leads are a method call away, others
/// are reached through their broker's grain.
/// </summary>
internal sealed partial class DirectTransport(BrokerHost host, MetadataCache metadata, Gateway gateway, IGrainFactory grains) : ILogTransport
{
    public ValueTask<ClusterMetadata> GetMetadataAsync(string[]? topics, long minVersion, CancellationToken cancellationToken) =>
        gateway.GetMetadataAsync(topics, minVersion, cancellationToken);

    public ValueTask<ProduceResult> ProduceAsync(ProduceRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var leader = LeaderOf(request.Partition);
        return leader == host.BrokerId || leader < 0 ? host.Local.ProduceAsync(request) : ProduceRemoteAsync(leader, request);
    }

    public ValueTask<FetchResult> FetchAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (ref readonly var partition in request.Partitions.AsSpan())
        {
            var leader = LeaderOf(partition.Partition);
            if (leader >= 0 && leader != host.BrokerId)
                return FetchRoutedAsync(request, cancellationToken);
        }

        return FetchLocalAsync(request, cancellationToken);
    }

    public async ValueTask<ListOffsetsResult[]> ListOffsetsAsync(
        ListOffsetsQuery[] queries, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queries);
        return await RouteAsync(
            queries, static query => query.Partition,
            (leader, part) => IsHere(leader)
                ? Task.Run(() => host.Local.ListOffsetsAsync(part, isolation).AsTask(), cancellationToken)
                : grains.GetGrain<IBrokerGrain>(leader).ListOffsetsAsync(part, isolation).AsTask(),
            static (_, error) => new ListOffsetsResult(error, -1),
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<DeleteRecordsResult[]> DeleteRecordsAsync(DeleteRecordsQuery[] queries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queries);
        return await RouteAsync(
            queries, static query => query.Partition,
            (leader, part) => IsHere(leader)
                ? host.Local.DeleteRecordsAsync(part).AsTask()
                : grains.GetGrain<IBrokerGrain>(leader).DeleteRecordsAsync(part).AsTask(),
            static (_, error) => new DeleteRecordsResult(error, -1),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Broker that leads a partition, or -1: then this broker's answer says why not.</summary>
    private int LeaderOf(TopicPartition partition) =>
        partition.Topic is null ? PartitionImage.NoLeader
            : metadata.Current.FindTopic(partition.Topic)?.Find(partition.Partition)?.Leader ?? PartitionImage.NoLeader;

    private bool IsHere(int leader) => leader < 0 || leader == host.BrokerId;

    private async ValueTask<ProduceResult> ProduceRemoteAsync(int leader, ProduceRequest request)
    {
        try
        {
            return await grains.GetGrain<IBrokerGrain>(leader).ProduceAsync(request.WithOwnMemory()).AsTask().WaitAsync(request.AnswerWithin).ConfigureAwait(false);
        }
        catch (Exception e) when (RemoteErrors.Translate(e) is var error and not ErrorCode.None)
        {
            return ProduceResult.Failure(error, ProduceOutcome.Unknown, $"Broker {leader} did not answer: {e.Message}");
        }
    }
}
