using OrleansLog.Grains;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>AlterPartitionReassignments: moves partitions to other brokers, or stops that (KIP-455, KIP-860).</summary>
internal sealed class AlterPartitionReassignmentsHandler(Gateway gateway)
    : ApiHandler<AlterPartitionReassignmentsRequestData, AlterPartitionReassignmentsResponseData>
{
    protected override async ValueTask<AlterPartitionReassignmentsResponseData?> HandleAsync(
        AlterPartitionReassignmentsRequestData request, RequestContext context)
    {
        PartitionReassignment[] asked = [.. request.Topics.SelectMany(topic => topic.Partitions.Select(partition =>
            new PartitionReassignment(topic.Name, partition.PartitionIndex, partition.Replicas is null ? null : [.. partition.Replicas])))];
        var results = await gateway.ReassignPartitionsAsync(asked, request.AllowReplicationFactorChange).ConfigureAwait(false);
        if (results.Error != ErrorCode.None)
            return Fail(request, results.Error);

        foreach (var result in results.Results)
            context.NoteError(result.Error);

        context.TellDone("Replicas to be moved", asked.Zip(results.Results).Where(static one => one.Second.Error == ErrorCode.None).Select(static one => Describe(one.First)));

        return new AlterPartitionReassignmentsResponseData
        {
            AllowReplicationFactorChange = request.AllowReplicationFactorChange,
            ErrorMessage = null,
            Responses = [.. results.Results.GroupBy(result => result.Topic).Select(topic => new AlterPartitionReassignmentsResponseData.ReassignableTopicResponse
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(result => new AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse
                {
                    PartitionIndex = result.Partition,
                    ErrorCode = result.Error,
                    ErrorMessage = result.Message,
                })],
            })],
        };
    }

    private static string Describe(PartitionReassignment asked) =>
        $"{asked.Topic}-{asked.Partition} {(asked.Replicas is null ? "no more" : $"to {string.Join('/', asked.Replicas)}")}";

    protected override AlterPartitionReassignmentsResponseData Fail(AlterPartitionReassignmentsRequestData request, ErrorCode error) => new()
    {
        AllowReplicationFactorChange = request.AllowReplicationFactorChange,
        ErrorCode = error,
        ErrorMessage = error.Describe(),
    };
}
