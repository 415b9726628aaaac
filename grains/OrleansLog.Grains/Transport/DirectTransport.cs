using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>
/// The transport of a client in the broker's own process (D13): partitions that this broker leads are a method call away, others
/// are reached through their broker's grain.
/// </summary>
internal sealed partial class DirectTransport(BrokerHost host, MetadataCache metadata, Gateway gateway, IGrainFactory grains) : ILogTransport
{
    /// <summary>This process's broker: it leads, or says why nobody does.</summary>
    private const int Here = -1;

    public ValueTask<ClusterMetadata> GetMetadataAsync(string[]? topics, long minVersion, CancellationToken cancellationToken) =>
        gateway.GetMetadataAsync(topics, minVersion, cancellationToken);

    public ValueTask<ProduceResult> ProduceAsync(ProduceRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var leader = RouteOf(request.Partition);
        return leader == Here ? host.Local.ProduceAsync(request) : ProduceRemoteAsync(leader, request);
    }

    public ValueTask<FetchResult> FetchAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (ref readonly var partition in request.Partitions.AsSpan())
        {
            if (RouteOf(partition.Partition) != Here)
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
            (leader, part, _) => leader == Here
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
            (leader, part, _) => leader == Here
                ? host.Local.DeleteRecordsAsync(part).AsTask()
                : grains.GetGrain<IBrokerGrain>(leader).DeleteRecordsAsync(part).AsTask(),
            static (_, error) => new DeleteRecordsResult(error, -1),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Broker to ask about a partition, or <see cref="Here"/>.</summary>
    private int RouteOf(TopicPartition partition)
    {
        var leader = partition.Topic is null ? PartitionImage.NoLeader
            : metadata.Current.FindTopic(partition.Topic)?.Find(partition.Partition)?.Leader ?? PartitionImage.NoLeader;
        return leader < 0 || leader == host.BrokerId ? Here : leader;
    }

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
