using OrleansLog.Grains;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>ListPartitionReassignments: what moves now, from the metadata that this broker has applied.</summary>
internal sealed class ListPartitionReassignmentsHandler(Gateway gateway)
    : ApiHandler<ListPartitionReassignmentsRequestData, ListPartitionReassignmentsResponseData>
{
    protected override async ValueTask<ListPartitionReassignmentsResponseData?> HandleAsync(
        ListPartitionReassignmentsRequestData request, RequestContext context)
    {
        TopicPartition[]? asked = request.Topics is null
            ? null
            : [.. request.Topics.SelectMany(topic => topic.PartitionIndexes.Select(partition => new TopicPartition(topic.Name, partition)))];
        var ongoing = await gateway.ListReassignmentsAsync(asked, context.Aborted).ConfigureAwait(false);
        return new ListPartitionReassignmentsResponseData
        {
            ErrorMessage = null,
            Topics = [.. ongoing.GroupBy(partition => partition.Topic).Select(topic => new ListPartitionReassignmentsResponseData.OngoingTopicReassignment
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(partition => new ListPartitionReassignmentsResponseData.OngoingPartitionReassignment
                {
                    PartitionIndex = partition.Partition,
                    Replicas = [.. partition.Replicas],
                    AddingReplicas = [.. partition.Adding],
                    RemovingReplicas = [.. partition.Removing],
                })],
            })],
        };
    }

    protected override ListPartitionReassignmentsResponseData Fail(ListPartitionReassignmentsRequestData request, ErrorCode error) =>
        new() { ErrorCode = error, ErrorMessage = error.Describe() };
}
