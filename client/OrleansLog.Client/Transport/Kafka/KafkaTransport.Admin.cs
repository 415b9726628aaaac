using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

internal sealed partial class KafkaTransport
{
    private const int TopicChangeTimeoutMs = 30_000;
    private const short CreateTopicsMin = 2;
    private const short CreateTopicsMax = 7;
    private const short DeleteTopicsMin = 1;
    private const short DeleteTopicsMax = 5; // The last version that names topics by name alone.
    private const short CreatePartitionsMin = 0;
    private const short CreatePartitionsMax = 3;

    public async ValueTask<TopicResults> CreateTopicsAsync(NewTopic[] topics, bool validateOnly, CancellationToken cancellationToken)
    {
        var request = new CreateTopicsRequestData { TimeoutMs = TopicChangeTimeoutMs, ValidateOnly = validateOnly };
        foreach (var topic in topics)
            request.Topics.Add(Creatable(topic));
        var answer = await AskHomeAsync<CreateTopicsRequestData, CreateTopicsResponseData>(
            request, CreateTopicsMin, CreateTopicsMax, KafkaLaneKind.Long, TopicChangeTimeoutMs, isChange: true, cancellationToken).ConfigureAwait(false);
        var response = answer.Response ?? throw answer.Failure!.ToException();
        return Results(topics, static topic => topic.Name, response.Topics, static found => found.Name, static found => new TopicResult
        {
            Name = found.Name,
            Error = found.ErrorCode,
            Message = found.ErrorMessage,
            TopicId = found.TopicId.ToGuid(),
            Partitions = found.NumPartitions,
            ReplicationFactor = found.ReplicationFactor,
        });
    }

    public async ValueTask<TopicResults> DeleteTopicsAsync(string[] topics, CancellationToken cancellationToken)
    {
        var request = new DeleteTopicsRequestData { TopicNames = [.. topics], TimeoutMs = TopicChangeTimeoutMs };
        var answer = await AskHomeAsync<DeleteTopicsRequestData, DeleteTopicsResponseData>(
            request, DeleteTopicsMin, DeleteTopicsMax, KafkaLaneKind.Long, TopicChangeTimeoutMs, isChange: true, cancellationToken).ConfigureAwait(false);
        var response = answer.Response ?? throw answer.Failure!.ToException();
        return Results(topics, static topic => topic, response.Responses, static found => found.Name ?? "", static found => new TopicResult
        {
            Name = found.Name ?? "",
            Error = found.ErrorCode,
            Message = found.ErrorMessage,
        });
    }

    public async ValueTask<TopicResults> CreatePartitionsAsync(NewPartitions[] topics, bool validateOnly, CancellationToken cancellationToken)
    {
        var request = new CreatePartitionsRequestData { TimeoutMs = TopicChangeTimeoutMs, ValidateOnly = validateOnly };
        foreach (var (name, count, assignments) in topics)
        {
            request.Topics.Add(new CreatePartitionsRequestData.CreatePartitionsTopic
            {
                Name = name,
                Count = count,
                Assignments = assignments is null
                    ? null
                    : [.. assignments.Select(static brokers => new CreatePartitionsRequestData.CreatePartitionsAssignment { BrokerIds = [.. brokers] })],
            });
        }

        var answer = await AskHomeAsync<CreatePartitionsRequestData, CreatePartitionsResponseData>(
            request, CreatePartitionsMin, CreatePartitionsMax, KafkaLaneKind.Long, TopicChangeTimeoutMs, isChange: true, cancellationToken).ConfigureAwait(false);
        var response = answer.Response ?? throw answer.Failure!.ToException();
        return Results(topics, static topic => topic.Topic, response.Results, static found => found.Name, static found => new TopicResult
        {
            Name = found.Name,
            Error = found.ErrorCode,
            Message = found.ErrorMessage,
        });
    }

    /// <exception cref="LogException">Always: Kafka's protocol has no such request.</exception>
    public ValueTask<TopicResults> AcceptLossAsync(TopicPartition partition, CancellationToken cancellationToken) =>
        throw new LogException(
            ErrorCode.UnsupportedVersion, "Accepting a loss is not a part of Kafka's protocol: connect over Orleans (LogClientOptions.Gateways, or olog --gateway).");

    private static CreateTopicsRequestData.CreatableTopic Creatable(NewTopic topic)
    {
        var creatable = new CreateTopicsRequestData.CreatableTopic
        {
            Name = topic.Name,
            NumPartitions = topic.Assignments is null ? topic.Partitions : -1,
            ReplicationFactor = topic.Assignments is null ? topic.ReplicationFactor : (short)-1,
        };
        for (var i = 0; i < topic.Assignments?.Length; i++)
            creatable.Assignments.Add(new CreateTopicsRequestData.CreatableReplicaAssignment { PartitionIndex = i, BrokerIds = [.. topic.Assignments[i]] });
        foreach (var (name, value) in topic.Configs)
            creatable.Configs.Add(new CreateTopicsRequestData.CreatableTopicConfig { Name = name, Value = value });
        return creatable;
    }

    // One result for each item, in its order, also where a name comes twice.
    private static TopicResults Results<TItem, TFound>(
        TItem[] items, Func<TItem, string> nameOf, List<TFound> found, Func<TFound, string> nameFound, Func<TFound, TopicResult> convert)
    {
        var results = new TopicResult[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            var name = nameOf(items[i]);
            var answer = found.Find(one => nameFound(one) == name);
            results[i] = answer is null
                ? new TopicResult { Name = name, Error = ErrorCode.UnknownServerError, Message = "The broker's answer lacks this topic." }
                : convert(answer);
        }

        return new TopicResults(NoVersion, results);
    }
}
