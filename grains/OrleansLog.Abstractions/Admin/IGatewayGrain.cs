using Orleans.Concurrency;

namespace OrleansLog;

/// <summary>
/// What any silo answers for the whole cluster (D9): metadata from its own applied image, administration through the
/// controller. A stateless worker, so a client's call is served by the silo it is connected to.
/// </summary>
/// <remarks>A change is answered once this silo has applied it, so that the caller's next read shows it.</remarks>
[Alias("olog.IGatewayGrain")]
public interface IGatewayGrain : IGrainWithIntegerKey
{
    /// <summary>Metadata of the named topics, or of all when null; waits until the silo has applied <paramref name="minVersion"/>.</summary>
    [Alias("GetMetadata"), AlwaysInterleave]
    ValueTask<ClusterMetadata> GetMetadataAsync(string[]? topics, long minVersion);

    /// <summary>The cluster without topics, its fenced brokers included; waits until the silo has applied <paramref name="minVersion"/>.</summary>
    [Alias("DescribeCluster"), AlwaysInterleave]
    ValueTask<ClusterMetadata> DescribeClusterAsync(long minVersion);

    /// <summary>Creates topics.</summary>
    [Alias("CreateTopics"), AlwaysInterleave]
    ValueTask<TopicResults> CreateTopicsAsync(NewTopic[] topics, bool validateOnly);

    /// <summary>Deletes topics.</summary>
    [Alias("DeleteTopics"), AlwaysInterleave]
    ValueTask<TopicResults> DeleteTopicsAsync(string[] topics);

    /// <summary>Raises numbers of partitions.</summary>
    [Alias("CreatePartitions"), AlwaysInterleave]
    ValueTask<TopicResults> CreatePartitionsAsync(NewPartitions[] topics, bool validateOnly);

    /// <summary>Values in force, with their sources.</summary>
    [Alias("DescribeConfigs"), AlwaysInterleave]
    ValueTask<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources);

    /// <summary>Changes configurations.</summary>
    [Alias("AlterConfigs"), AlwaysInterleave]
    ValueTask<ConfigAlterationResults> AlterConfigsAsync(ConfigAlteration[] alterations, bool validateOnly);

    /// <summary>Lets a partition without a leader be led again, giving up the records that are gone (D11); one result.</summary>
    [Alias("AcceptLoss"), AlwaysInterleave]
    ValueTask<TopicResults> AcceptLossAsync(TopicPartition partition);

    /// <summary>Hands out a producer id, from the block of the silo that answers.</summary>
    [Alias("InitProducerId"), AlwaysInterleave]
    ValueTask<InitProducerIdResult> InitProducerIdAsync(InitProducerIdRequest request);
}
