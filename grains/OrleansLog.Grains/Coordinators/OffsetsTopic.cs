using System.Globalization;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Core.Groups;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Grains.Replicas;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Coordinators;

/// <summary>
/// The topic <c>__consumer_offsets</c>: made by the first group that is looked for, with what <c>offsets.topic.*</c> says. Its replication factor comes
/// from the configuration alone (D6): with too few brokers there is no coordinator yet.
/// </summary>
internal sealed class OffsetsTopic(BrokerContext broker, MetadataCache metadata, ReplicaManager replicas)
{
    private const int RetryDelayMs = 1000;

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private IBrokerCluster? _cluster;
    private Task<CoordinatorLocation>? _creation;
    private long _createdAtMs;
    private ErrorCode _toldError;

    /// <summary>From now on the topic can be made.</summary>
    public void Start(IBrokerCluster cluster) => _cluster = cluster;

    /// <summary>The broker that leads a group's partition, or -1.</summary>
    public static int CoordinatorOf(MetadataImage image, string groupId) =>
        image.FindTopic(InternalTopics.ConsumerOffsets) is { Partitions.Length: > 0 } topic
            ? topic.Partitions[GroupPartition.For(groupId, topic.Partitions.Length)].Leader
            : PartitionImage.NoLeader;

    /// <summary>Finds a group's coordinator, and makes the topic where there is none.</summary>
    public ValueTask<CoordinatorLocation> FindAsync(string groupId)
    {
        if (metadata.Current.FindTopic(InternalTopics.ConsumerOffsets) is not null)
            return new(Locate(groupId));

        return CreateAndFindAsync(groupId);
    }

    private CoordinatorLocation Locate(string groupId) => CoordinatorOf(metadata.Current, groupId) is >= 0 and var leader
        ? new(ErrorCode.None, leader)
        : new(ErrorCode.CoordinatorNotAvailable, -1, $"The partition of {InternalTopics.ConsumerOffsets} that keeps this group has no leader now.");

    private async ValueTask<CoordinatorLocation> CreateAndFindAsync(string groupId)
    {
        Task<CoordinatorLocation> creation;
        lock (_gate)
        {
            // One attempt at a time, and a failed one is not repeated at once: every client asks again and again.
            if (_creation is null || (_creation.IsCompleted && broker.NowMs - _createdAtMs >= RetryDelayMs))
            {
                _createdAtMs = broker.NowMs;
                _creation = Task.Run(CreateAsync);
            }

            creation = _creation;
        }

        var created = await creation.ConfigureAwait(false);
        return created.Error == ErrorCode.None ? Locate(groupId) : created;
    }

    private async Task<CoordinatorLocation> CreateAsync()
    {
        if (_cluster is null)
            return new(ErrorCode.CoordinatorNotAvailable, -1, "The broker is starting.");

        var config = replicas.Config;
        try
        {
            var results = await _cluster.CreateTopicAsync(Describe(config)).ConfigureAwait(false);
            var result = results.Results[0];
            if (result.Error is not (ErrorCode.None or ErrorCode.TopicAlreadyExists))
            {
                // Groups ask once a second; one line for as long as the reason stays.
                if (_toldError != result.Error)
                    broker.Logger.OffsetsTopicNotCreated(result.Error, result.Message);

                _toldError = result.Error;
                return new(ErrorCode.CoordinatorNotAvailable, -1, $"{InternalTopics.ConsumerOffsets} cannot be made: {result.Message}");
            }

            _toldError = ErrorCode.None;
            await metadata.WaitForVersionAsync(results.Version, MaxWait, broker.Time).ConfigureAwait(false);
            await replicas.WaitForTopicsAsync([InternalTopics.ConsumerOffsets], results.Version, MaxWait).ConfigureAwait(false);
            return default;
        }
        catch (Exception e)
        {
            broker.Logger.BackgroundWorkFailed(nameof(OffsetsTopic), e);
            return new(ErrorCode.CoordinatorNotAvailable, -1, "The controller does not answer.");
        }
    }

    private static NewTopic Describe(BrokerConfig config) => new()
    {
        Name = InternalTopics.ConsumerOffsets,
        Partitions = config.OffsetsTopicPartitions,
        ReplicationFactor = (short)Math.Min(config.OffsetsTopicReplicationFactor, short.MaxValue),
        Configs = new Dictionary<string, string>
        {
            ["cleanup.policy"] = "compact",
            ["compression.type"] = "producer",
            ["segment.bytes"] = config.OffsetsTopicSegmentBytes.ToString(CultureInfo.InvariantCulture),
        },
    };
}
