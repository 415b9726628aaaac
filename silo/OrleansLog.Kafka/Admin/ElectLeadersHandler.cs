using OrleansLog.Grains;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>ElectLeaders: preferred leaders, or any where nobody leads. Version 0 knows preferred ones only.</summary>
internal sealed class ElectLeadersHandler(Gateway gateway) : ApiHandler<ElectLeadersRequestData, ElectLeadersResponseData>
{
    protected override async ValueTask<ElectLeadersResponseData?> HandleAsync(ElectLeadersRequestData request, RequestContext context)
    {
        if (request.ElectionType is not ((sbyte)ElectionType.Preferred or (sbyte)ElectionType.Unclean))
            return Fail(request, ErrorCode.InvalidRequest);

        TopicPartition[]? asked = request.TopicPartitions is null
            ? null
            : [.. request.TopicPartitions.SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.Topic, partition)))];
        var results = await gateway.ElectLeadersAsync((ElectionType)request.ElectionType, asked).ConfigureAwait(false);
        if (results.Error != ErrorCode.None)
            return Fail(request, results.Error);

        foreach (var result in results.Results)
            context.NoteError(result.Error);

        context.TellDone("Leaders elected", results.Results.Where(static result => result.Error == ErrorCode.None).Select(static result => $"{result.Topic}-{result.Partition}"));

        return new ElectLeadersResponseData
        {
            ReplicaElectionResults = [.. results.Results.GroupBy(result => result.Topic).Select(topic => new ElectLeadersResponseData.ReplicaElectionResult
            {
                Topic = topic.Key,
                PartitionResult = [.. topic.Select(result => Result(result.Partition, result.Error, result.Message))],
            })],
        };
    }

    protected override ElectLeadersResponseData Fail(ElectLeadersRequestData request, ErrorCode error) => new()
    {
        ErrorCode = error,
        ReplicaElectionResults = [.. (request.TopicPartitions ?? []).Select(topic => new ElectLeadersResponseData.ReplicaElectionResult
        {
            Topic = topic.Topic,
            PartitionResult = [.. topic.Partitions.Select(partition => Result(partition, error, error.Describe()))],
        })],
    };

    private static ElectLeadersResponseData.ElectionPartitionResult Result(int partition, ErrorCode error, string? message) =>
        new() { PartitionId = partition, ErrorCode = error, ErrorMessage = message };
}
