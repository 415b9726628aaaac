using Orleans.Concurrency;

namespace OrleansLog.Grains;

/// <summary>The cluster's door for clients: a stateless worker, so it runs on the silo that the client is connected to.</summary>
[StatelessWorker(maxLocalWorkers: 1)]
internal sealed class GatewayGrain(Gateway gateway) : Grain, IGatewayGrain
{
    public ValueTask<ClusterMetadata> GetMetadataAsync(string[]? topics, long minVersion) =>
        gateway.GetMetadataAsync(topics, minVersion, CancellationToken.None);

    public ValueTask<ClusterMetadata> DescribeClusterAsync(long minVersion) => gateway.DescribeClusterAsync(minVersion, CancellationToken.None);

    public ValueTask<TopicResults> CreateTopicsAsync(NewTopic[] topics, bool validateOnly) => gateway.CreateTopicsAsync(topics, validateOnly);

    public ValueTask<TopicResults> DeleteTopicsAsync(string[] topics) => gateway.DeleteTopicsAsync(topics);

    public ValueTask<TopicResults> CreatePartitionsAsync(NewPartitions[] topics, bool validateOnly) =>
        gateway.CreatePartitionsAsync(topics, validateOnly);

    public ValueTask<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources) => gateway.DescribeConfigsAsync(resources);

    public ValueTask<ConfigAlterationResults> AlterConfigsAsync(ConfigAlteration[] alterations, bool validateOnly) =>
        gateway.AlterConfigsAsync(alterations, validateOnly);

    public ValueTask<TopicResults> AcceptLossAsync(TopicPartition partition) => gateway.AcceptLossAsync(partition);

    public ValueTask<InitProducerIdResult> InitProducerIdAsync(InitProducerIdRequest request) => gateway.InitProducerIdAsync(request);
}
