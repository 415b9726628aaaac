using OrleansLog.Core.Configuration;
using OrleansLog.Grains;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>CreateTopics: counts of -1 are the broker's defaults (KIP-464), from version 5 the answer tells the configuration (KIP-525).</summary>
internal sealed class CreateTopicsHandler(Gateway gateway, BrokerHost broker) : ApiHandler<CreateTopicsRequestData, CreateTopicsResponseData>
{
    private const short FirstVersionWithConfigs = 5;

    protected override async ValueTask<CreateTopicsResponseData?> HandleAsync(CreateTopicsRequestData request, RequestContext context)
    {
        var response = new CreateTopicsResponseData();
        var topics = new List<NewTopic>(request.Topics.Count);
        var repeated = Repeated.In(request.Topics.Select(topic => topic.Name));
        foreach (var name in repeated)
            response.Topics.Add(Refused(name, ErrorCode.InvalidRequest, $"Topic {name} is named twice in one request."));

        foreach (var topic in request.Topics.Where(topic => !repeated.Contains(topic.Name)))
        {
            if (Refuse(topic) is { } refusal)
                response.Topics.Add(refusal);
            else
                topics.Add(ToNewTopic(topic));
        }

        if (topics.Count > 0)
        {
            var results = await gateway.CreateTopicsAsync([.. topics], request.ValidateOnly, TimeSpan.FromMilliseconds(request.TimeoutMs)).ConfigureAwait(false);
            for (var i = 0; i < topics.Count; i++)
                response.Topics.Add(Answer(results.Results[i], topics[i], context.ApiVersion));

            if (!request.ValidateOnly)
                context.TellCreated("Topics created", results.Results);
        }

        foreach (var topic in response.Topics)
            context.NoteError(topic.ErrorCode);

        return response;
    }

    protected override CreateTopicsResponseData Fail(CreateTopicsRequestData request, ErrorCode error)
    {
        var response = new CreateTopicsResponseData();
        foreach (var name in request.Topics.Select(topic => topic.Name).Distinct(StringComparer.Ordinal))
            response.Topics.Add(Refused(name, error, error.Describe()));

        return response;
    }

    private static CreateTopicsResponseData.CreatableTopicResult? Refuse(CreateTopicsRequestData.CreatableTopic topic)
    {
        if (InternalTopics.Contains(topic.Name))
            return Refused(topic.Name, ErrorCode.InvalidRequest, $"Topic {topic.Name} is the brokers' own; they create it when it is needed.");

        if (topic.Configs.Find(config => config.Value is null) is { } unset)
            return Refused(topic.Name, ErrorCode.InvalidConfig, $"{unset.Name} has no value; leave it out to get the default.");

        if (Repeated.In(topic.Configs.Select(config => config.Name)).FirstOrDefault() is { } repeated)
            return Refused(topic.Name, ErrorCode.InvalidConfig, $"{repeated} is set twice.");

        return IsContiguous(topic.Assignments)
            ? null
            : Refused(topic.Name, ErrorCode.InvalidReplicaAssignment, "The assigned partitions have to be numbered from 0, each once.");
    }

    private static bool IsContiguous(List<CreateTopicsRequestData.CreatableReplicaAssignment> assignments)
    {
        var seen = new bool[assignments.Count];
        foreach (var assignment in assignments)
        {
            if ((uint)assignment.PartitionIndex >= (uint)seen.Length || seen[assignment.PartitionIndex])
                return false;

            seen[assignment.PartitionIndex] = true;
        }

        return true;
    }

    private static NewTopic ToNewTopic(CreateTopicsRequestData.CreatableTopic topic) => new()
    {
        Name = topic.Name,
        Partitions = topic.NumPartitions,
        ReplicationFactor = topic.ReplicationFactor,
        Configs = topic.Configs.ToDictionary(config => config.Name, config => config.Value!, StringComparer.Ordinal),
        Assignments = topic.Assignments.Count == 0
            ? null
            : [.. topic.Assignments.OrderBy(assignment => assignment.PartitionIndex).Select(assignment => assignment.BrokerIds.ToArray())],
    };

    private CreateTopicsResponseData.CreatableTopicResult Answer(TopicResult result, NewTopic topic, short version)
    {
        if (result.Error != ErrorCode.None)
            return Refused(topic.Name, result.Error, result.Message);

        var answer = new CreateTopicsResponseData.CreatableTopicResult
        {
            Name = topic.Name,
            TopicId = Uuid.FromGuid(result.TopicId),
            ErrorMessage = null,
            NumPartitions = result.Partitions,
            ReplicationFactor = result.ReplicationFactor,
        };
        if (version >= FirstVersionWithConfigs)
            answer.Configs = [.. ConfigDescriptions.OfTopic(TopicConfig.Resolve(broker.Config, topic.Configs)).Select(ToConfig)];

        return answer;
    }

    private static CreateTopicsResponseData.CreatableTopicConfigs ToConfig(ConfigValue value) => new()
    {
        Name = value.Name,
        Value = value.Value,
        ReadOnly = value.IsReadOnly,
        ConfigSource = (sbyte)value.Source,
        IsSensitive = value.IsSensitive,
    };

    private static CreateTopicsResponseData.CreatableTopicResult Refused(string name, ErrorCode error, string? message) =>
        new() { Name = name, ErrorCode = error, ErrorMessage = message };
}
