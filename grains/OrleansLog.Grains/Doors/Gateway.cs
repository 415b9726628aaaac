using System.Globalization;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Grains;

/// <summary>
/// What any silo answers for the whole cluster (D9); the gateway grain, the direct transport and the Kafka listener are thin over it.
/// A change is answered once this silo has applied it, so that the caller's next call finds it.
/// </summary>
public sealed partial class Gateway(MetadataCache metadata, BrokerHost host, IGrainFactory grains, ControllerCalls controllerCalls)
{
    private readonly ProducerIds _producerIds = new((brokerId, epoch) => controllerCalls.AskAsync(controller => controller.AllocateProducerIdsAsync(brokerId, epoch)));

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestCreation = TimeSpan.FromMinutes(10);

    /// <summary>Metadata of the named topics in the order asked, or of all when null; never older than the version.</summary>
    public async ValueTask<ClusterMetadata> GetMetadataAsync(string[]? topics, long minVersion, CancellationToken cancellationToken)
    {
        var image = await AppliedAsync(minVersion, cancellationToken).ConfigureAwait(false);
        return MetadataAnswers.Describe(image, host.BrokerId, topics, host.Tell);
    }

    /// <summary>The cluster without topics, its fenced brokers included; never older than the version.</summary>
    public async ValueTask<ClusterMetadata> DescribeClusterAsync(long minVersion, CancellationToken cancellationToken) =>
        MetadataAnswers.DescribeAllBrokers(await AppliedAsync(minVersion, cancellationToken).ConfigureAwait(false), host.BrokerId);

    /// <summary>Creates topics; with <paramref name="validateOnly"/> only says what would happen.</summary>
    /// <param name="topics">What to create.</param>
    /// <param name="validateOnly">Only say what would happen.</param>
    /// <param name="timeout">
    /// How long to wait until the new partitions are open here, at most ten minutes; what takes longer is answered with REQUEST_TIMED_OUT, and is made
    /// nevertheless. Null takes 10 seconds.
    /// </param>
    public ValueTask<TopicResults> CreateTopicsAsync(NewTopic[] topics, bool validateOnly, TimeSpan? timeout = null) => InternalTopicGuard.PassAsync(
        topics, static topic => topic.Name, ErrorCode.InvalidRequest,
        async passed => await MadeAsync(await TopicsAsync(controller => controller.CreateTopicsAsync(passed, validateOnly), passed.Select(topic => topic.Name)).ConfigureAwait(false), validateOnly, timeout).ConfigureAwait(false));

    /// <summary>Deletes topics by name.</summary>
    public ValueTask<TopicResults> DeleteTopicsAsync(string[] topics) => InternalTopicGuard.PassAsync(
        topics, static topic => topic, ErrorCode.InvalidTopicException,
        async passed => await AppliedAsync(await TopicsAsync(controller => controller.DeleteTopicsAsync(passed), passed).ConfigureAwait(false), validateOnly: false).ConfigureAwait(false));

    /// <summary>Deletes topics by id; one that was made anew under the same name stays (KIP-516).</summary>
    public ValueTask<TopicResults> DeleteTopicIdsAsync(Guid[] topicIds) => InternalTopicGuard.PassAsync(
        topicIds, id => metadata.Current.FindTopic(id)?.Name, ErrorCode.InvalidTopicException,
        async passed => await AppliedAsync(await TopicsAsync(controller => controller.DeleteTopicIdsAsync(passed), passed.Select(_ => "")).ConfigureAwait(false), validateOnly: false).ConfigureAwait(false));

    /// <summary>Raises numbers of partitions; waits as <see cref="CreateTopicsAsync"/> does.</summary>
    public ValueTask<TopicResults> CreatePartitionsAsync(NewPartitions[] topics, bool validateOnly, TimeSpan? timeout = null) => InternalTopicGuard.PassAsync(
        topics, static topic => topic.Topic, ErrorCode.InvalidTopicException,
        async passed => await MadeAsync(await TopicsAsync(controller => controller.CreatePartitionsAsync(passed, validateOnly), passed.Select(topic => topic.Topic)).ConfigureAwait(false), validateOnly, timeout).ConfigureAwait(false));

    /// <summary>Lets a partition without a leader be led again, giving up the records that are gone (D11).</summary>
    public async ValueTask<TopicResults> AcceptLossAsync(TopicPartition partition) =>
        await AppliedAsync(await TopicsAsync(controller => controller.AcceptLossAsync(partition.Topic ?? "", partition.Partition), [partition.Topic ?? ""]).ConfigureAwait(false), validateOnly: false).ConfigureAwait(false);

    /// <summary>A producer id from this broker's block (KIP-98). Ids that a producer had before are not continued: a fresh one fences as well.</summary>
    public ValueTask<InitProducerIdResult> InitProducerIdAsync(InitProducerIdRequest request) => request.TransactionalId is null
        ? _producerIds.NextAsync(host.BrokerId, host.BrokerEpoch)
        : new(InitProducerIdResult.Failure(
            ErrorCode.TransactionalIdAuthorizationFailed, "Transactions are not supported yet; produce without a transactional id (idempotence works)."));

    /// <summary>Changes configurations.</summary>
    public async ValueTask<ConfigAlterationResults> AlterConfigsAsync(ConfigAlteration[] alterations, bool validateOnly)
    {
        var results = await RemoteErrors.OrNotControllerAsync(
            controllerCalls.AskAsync(controller => controller.AlterConfigsAsync(alterations, validateOnly)), message => ControllerMapping.NotController(alterations, message)).ConfigureAwait(false);
        if (validateOnly)
            return results;

        await WaitForAsync(results.Version).ConfigureAwait(false);
        var topics = alterations.All(alteration => alteration.Resource.Type == ConfigResourceType.Topic)
            ? alterations.Select(alteration => alteration.Resource.Name)
            : metadata.Current.TopicIds.Keys;
        await host.Replicas.WaitForTopicsAsync(topics, results.Version, MaxWait).ConfigureAwait(false);
        return results;
    }

    /// <summary>Values in force, with their sources, of topics, brokers, and of all brokers (the empty name).</summary>
    public async ValueTask<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources)
    {
        var descriptions = new ConfigDescription[resources.Length];
        for (var i = 0; i < resources.Length; i++)
        {
            descriptions[i] = resources[i].Type switch
            {
                ConfigResourceType.Topic => DescribeTopic(resources[i]),
                ConfigResourceType.Broker => await DescribeBrokerAsync(resources[i]).ConfigureAwait(false),
                _ => Failed(resources[i], ErrorCode.InvalidRequest, $"Only topics and brokers have configuration, not type {(sbyte)resources[i].Type}."),
            };
        }

        return descriptions;
    }

    /// <summary>
    /// The image at a version or later, and never from before this broker's own registration: after a restart the silo would
    /// tell of a cluster without topics.
    /// </summary>
    private async ValueTask<MetadataImage> AppliedAsync(long minVersion, CancellationToken cancellationToken)
    {
        while (true)
        {
            var version = Math.Max(minVersion, Math.Max(host.BrokerEpoch, 1));
            if (metadata.Version >= version)
                return metadata.Current;

            await metadata.WaitForVersionAsync(version, MaxWait, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>An answer is given once this silo has applied the change, and its own replicas have followed: the caller's next call finds them.</summary>
    private async ValueTask<TopicResults> AppliedAsync(TopicResults results, bool validateOnly)
    {
        if (validateOnly)
            return results;

        await WaitForAsync(results.Version).ConfigureAwait(false);
        await host.Replicas.WaitForTopicsAsync(results.Results.Select(result => result.Name), results.Version, MaxWait).ConfigureAwait(false);
        return results;
    }

    /// <summary>The same for what is made anew: a topic whose partitions are not open yet is not told as made.</summary>
    private async ValueTask<TopicResults> MadeAsync(TopicResults results, bool validateOnly, TimeSpan? timeout)
    {
        if (validateOnly)
            return results;

        await WaitForAsync(results.Version).ConfigureAwait(false);
        var wait = timeout is { } asked ? TimeSpan.FromTicks(Math.Clamp(asked.Ticks, 0, LongestCreation.Ticks)) : MaxWait;
        var told = await Task.WhenAll(results.Results.Select(result => MadeAsync(result, results.Version, wait))).ConfigureAwait(false);
        return results with { Results = told };
    }

    private async Task<TopicResult> MadeAsync(TopicResult result, long version, TimeSpan wait)
    {
        if (result.Error != ErrorCode.None)
            return result;

        if (!await host.Replicas.WaitForTopicAsync(result.Name, version, wait).ConfigureAwait(false))
            return result with { Error = ErrorCode.RequestTimedOut, Message = $"Topic {result.Name} is made, but not all of its partitions are open yet; they will be." };

        return host.Replicas.HasLost(result.Name)
            ? result with { Error = ErrorCode.KafkaStorageError, Message = $"Topic {result.Name} is made, but a log of it cannot be opened on broker {host.BrokerId}; it is tried again. The broker's log says why." }
            : result;
    }

    private Task<TopicResults> TopicsAsync(Func<IControllerGrain, Task<TopicResults>> ask, IEnumerable<string> names) =>
        RemoteErrors.OrNotControllerAsync(controllerCalls.AskAsync(ask), message => ControllerMapping.NotController(names, message));

    private async Task WaitForAsync(long version)
    {
        try
        {
            await metadata.WaitForVersionAsync(version, MaxWait, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The change is made; this silo is behind and the caller's next read, which carries the version, waits for it.
        }
    }

    private ConfigDescription DescribeTopic(ConfigResource resource)
    {
        var image = metadata.Current;
        if (!TopicNames.IsValid(resource.Name, out var reason))
            return Failed(resource, ErrorCode.InvalidTopicException, reason);
        if (image.FindTopic(resource.Name) is null)
            return Failed(resource, ErrorCode.UnknownTopicOrPartition, $"There is no topic '{resource.Name}'.");

        var config = TopicConfig.Resolve(host.Config, image.ConfigsOf(ConfigOwner.Topic(resource.Name)));
        return new ConfigDescription { Resource = resource, Values = ConfigDescriptions.OfTopic(config) };
    }

    private async ValueTask<ConfigDescription> DescribeBrokerAsync(ConfigResource resource)
    {
        if (resource.Name is "")
            return new ConfigDescription { Resource = resource, Values = ConfigDescriptions.OfAllBrokers(host.Config) };
        if (!int.TryParse(resource.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var brokerId))
            return Failed(resource, ErrorCode.InvalidRequest, $"'{resource.Name}' is no broker id.");
        if (brokerId == host.BrokerId)
            return new ConfigDescription { Resource = resource, Values = ConfigDescriptions.OfBroker(host.Config) };
        if (metadata.Current.FindBroker(brokerId) is null)
            return Failed(resource, ErrorCode.InvalidRequest, $"There is no broker {brokerId}.");

        var values = await grains.GetGrain<IBrokerGrain>(brokerId).DescribeConfigAsync().ConfigureAwait(false);
        return new ConfigDescription { Resource = resource, Values = values };
    }

    private static ConfigDescription Failed(ConfigResource resource, ErrorCode error, string message) =>
        new() { Resource = resource, Error = error, Message = message };
}
