using OrleansLog.Core.Controller;
using OrleansLog.Grains;
using OrleansLog.Kafka.Admin;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Kafka.Listening;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Data;

/// <summary>Brokers, topics and leaders, by name or by topic id (KIP-516). Unknown topics are created where the broker and the client both want it.</summary>
internal sealed class MetadataHandler(MetadataCache metadata, BrokerHost broker, IAdminTransport admin, ClientEndpoints endpoints)
    : ApiHandler<MetadataRequestData, MetadataResponseData>
{
    protected override async ValueTask<MetadataResponseData?> HandleAsync(MetadataRequestData request, RequestContext context)
    {
        // In version 0 an empty list asks for all topics; later, none does.
        var topics = context.ApiVersion == 0 && request.Topics is { Count: 0 } ? null : request.Topics;
        if (topics is not null && context.ApiVersion < 12 && topics.Exists(static topic => !topic.TopicId.IsZero || topic.Name is null))
            return Fail(request, ErrorCode.InvalidRequest);

        Dictionary<string, ErrorCode>? failures = null;
        if (topics is not null && request.AllowAutoTopicCreation && broker.Config.AutoCreateTopicsEnable)
            failures = await CreateMissingAsync(topics, context).ConfigureAwait(false);

        var image = metadata.Current;
        var response = new MetadataResponseData
        {
            ClusterId = image.ClusterId,
            ControllerId = image.ControllerIdTold(broker.BrokerId),
            Brokers = Brokers(image, context),
        };
        if (request.IncludeClusterAuthorizedOperations)
            response.ClusterAuthorizedOperations = AuthorizedOperations.OnCluster;

        var operations = request.IncludeTopicAuthorizedOperations ? AuthorizedOperations.OnTopics : int.MinValue;
        foreach (var topic in topics is null ? All(image) : Once(topics).Select(topic => Find(image, topic, failures)))
        {
            topic.TopicAuthorizedOperations = operations;
            context.NoteError(topic.ErrorCode);
            response.Topics.Add(topic);
        }

        return response;
    }

    protected override MetadataResponseData Fail(MetadataRequestData request, ErrorCode error) => new()
    {
        ErrorCode = error,
        Topics = [.. Once(request.Topics ?? []).Select(topic => new MetadataResponseData.MetadataResponseTopic { ErrorCode = error, Name = topic.Name ?? "", TopicId = topic.TopicId })],
    };

    private async ValueTask<Dictionary<string, ErrorCode>?> CreateMissingAsync(List<MetadataRequestData.MetadataRequestTopic> topics, RequestContext context)
    {
        var image = metadata.Current;
        List<NewTopic>? missing = null;
        foreach (var topic in topics)
        {
            if (topic.Name is { } name && topic.TopicId.IsZero && image.FindTopic(name) is null && TopicNames.IsValid(name, out _) && !InternalTopics.Contains(name))
                (missing ??= []).Add(new NewTopic { Name = name });
        }

        if (missing is null)
            return null;

        var created = await admin.CreateTopicsAsync([.. missing.DistinctBy(static topic => topic.Name)], validateOnly: false, context.Aborted).ConfigureAwait(false);
        context.TellCreated("Topics created, as they were asked for (auto.create.topics.enable)", created.Results);
        return created.Results.Where(static result => result.Error is not (ErrorCode.None or ErrorCode.TopicAlreadyExists))
            .ToDictionary(static result => result.Name, static result => result.Error);
    }

    private List<MetadataResponseData.MetadataResponseBroker> Brokers(MetadataImage image, RequestContext context)
    {
        var brokers = new List<MetadataResponseData.MetadataResponseBroker>(image.Brokers.Count);
        foreach (var (id, one) in image.Brokers)
        {
            if (!one.Fenced && endpoints.Of(one, context) is var (host, port))
                brokers.Add(new() { NodeId = id, Host = host, Port = port, Rack = one.Rack });
        }

        return brokers;
    }

    private IEnumerable<MetadataResponseData.MetadataResponseTopic> All(MetadataImage image) =>
        image.TopicIds.Values.Select(id => Describe(image, image.Topics[id]));

    /// <summary>A topic is told once, however often it is asked for.</summary>
    private static IEnumerable<MetadataRequestData.MetadataRequestTopic> Once(List<MetadataRequestData.MetadataRequestTopic> topics) =>
        topics.Count == 1 ? topics : topics.DistinctBy(static topic => (topic.TopicId, topic.TopicId.IsZero ? topic.Name : null));

    private MetadataResponseData.MetadataResponseTopic Find(
        MetadataImage image, MetadataRequestData.MetadataRequestTopic asked, Dictionary<string, ErrorCode>? failures)
    {
        if (!asked.TopicId.IsZero)
        {
            return image.FindTopic(asked.TopicId.ToGuid()) is { } byId
                ? Describe(image, byId)
                : new() { ErrorCode = ErrorCode.UnknownTopicId, Name = null, TopicId = asked.TopicId };
        }

        var name = asked.Name ?? "";
        return image.FindTopic(name) is { } topic ? Describe(image, topic) : new()
        {
            Name = name,
            ErrorCode = !TopicNames.IsValid(name, out _) ? ErrorCode.InvalidTopicException
                : failures is not null && failures.TryGetValue(name, out var failure) ? failure
                : ErrorCode.UnknownTopicOrPartition,
        };
    }

    private MetadataResponseData.MetadataResponseTopic Describe(MetadataImage image, TopicImage topic)
    {
        var partitions = new List<MetadataResponseData.MetadataResponsePartition>(topic.Partitions.Length);
        foreach (var partition in topic.Partitions)
        {
            var told = broker.Tell(image, topic.Name, partition);
            partitions.Add(new()
            {
                ErrorCode = told.Error,
                PartitionIndex = partition.Partition,
                LeaderId = told.LeaderId,
                LeaderEpoch = partition.LeaderEpoch,
                ReplicaNodes = [.. partition.Replicas],
                IsrNodes = [.. partition.Isr],
                OfflineReplicas = [.. told.OfflineReplicas],
            });
        }

        return new() { Name = topic.Name, TopicId = Uuid.FromGuid(topic.Id), IsInternal = InternalTopics.Contains(topic.Name), Partitions = partitions };
    }
}
