namespace OrleansLog.Grains;

/// <summary>Administration from the broker's own process.</summary>
internal sealed class DirectAdminTransport(BrokerHost host, Gateway gateway, IGrainFactory grains) : IAdminTransport
{
    public ValueTask<ClusterMetadata> DescribeClusterAsync(long minVersion, CancellationToken cancellationToken) =>
        gateway.DescribeClusterAsync(minVersion, cancellationToken);

    public ValueTask<ClusterMetadata> DescribeTopicsAsync(string[]? topics, long minVersion, CancellationToken cancellationToken) =>
        gateway.GetMetadataAsync(topics, minVersion, cancellationToken);

    public async ValueTask<TopicResults> CreateTopicsAsync(NewTopic[] topics, bool validateOnly, CancellationToken cancellationToken) =>
        await gateway.CreateTopicsAsync(topics, validateOnly).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<TopicResults> DeleteTopicsAsync(string[] topics, CancellationToken cancellationToken) =>
        await gateway.DeleteTopicsAsync(topics).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<TopicResults> CreatePartitionsAsync(NewPartitions[] topics, bool validateOnly, CancellationToken cancellationToken) =>
        await gateway.CreatePartitionsAsync(topics, validateOnly).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources, CancellationToken cancellationToken) =>
        await gateway.DescribeConfigsAsync(resources).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<ConfigAlterationResults> AlterConfigsAsync(
        ConfigAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken) =>
        await gateway.AlterConfigsAsync(alterations, validateOnly).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<TopicResults> AcceptLossAsync(TopicPartition partition, CancellationToken cancellationToken) =>
        await gateway.AcceptLossAsync(partition).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<InitProducerIdResult> InitProducerIdAsync(InitProducerIdRequest request, CancellationToken cancellationToken) =>
        await gateway.InitProducerIdAsync(request).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<LogDirDescription[]> DescribeLogDirsAsync(int brokerId, CancellationToken cancellationToken)
    {
        var descriptions = brokerId == host.BrokerId
            ? Task.Run(() => host.Local.DescribeLogDirsAsync().AsTask(), cancellationToken)
            : grains.GetGrain<IBrokerGrain>(brokerId).DescribeLogDirsAsync().AsTask();
        return await descriptions.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
