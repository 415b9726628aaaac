using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

internal sealed partial class KafkaTransport
{
    private const short DeleteRecordsMax = 2;
    private const int DeleteRecordsTimeoutMs = 30_000;
    private const short DescribeLogDirsMin = 1;
    private const short DescribeLogDirsMax = 4;
    private const short InitProducerIdMax = 4; // From 5 on, the answer can be about transactions v2 (KIP-890).

    public ValueTask<DeleteRecordsResult[]> DeleteRecordsAsync(DeleteRecordsQuery[] queries, CancellationToken cancellationToken)
    {
        return _router.SpreadAsync(
            queries, static query => query.Partition, AskShareAsync,
            static error => new DeleteRecordsResult(error, -1), static result => result.Error, cancellationToken);

        async Task<(DeleteRecordsResult[] Answers, ErrorCode Error)> AskShareAsync(int leader, DeleteRecordsQuery[] share)
        {
            var request = new DeleteRecordsRequestData { TimeoutMs = share.Max(static query => query.TimeoutMs) };
            foreach (var (partition, beforeOffset, _) in share)
            {
                if (request.Topics.Count == 0 || request.Topics[^1].Name != partition.Topic)
                    request.Topics.Add(new DeleteRecordsRequestData.DeleteRecordsTopic { Name = partition.Topic });
                request.Topics[^1].Partitions.Add(new DeleteRecordsRequestData.DeleteRecordsPartition { PartitionIndex = partition.Partition, Offset = beforeOffset });
            }

            var answer = await AskAsync<DeleteRecordsRequestData, DeleteRecordsResponseData>(
                leader, request, 0, DeleteRecordsMax, KafkaLaneKind.Long, DeleteRecordsTimeoutMs, cancellationToken).ConfigureAwait(false);
            if (answer.Response is not { } response)
                return ([], CodeOfLeader(answer.Failure!));
            var byPartition = new Dictionary<TopicPartition, DeleteRecordsResult>(share.Length);
            foreach (var topic in response.Topics)
            {
                foreach (var found in topic.Partitions)
                    byPartition[new TopicPartition(topic.Name, found.PartitionIndex)] = new DeleteRecordsResult(found.ErrorCode, found.LowWatermark);
            }

            return (InOrder(share, static query => query.Partition, byPartition, new DeleteRecordsResult(ErrorCode.UnknownServerError, -1)), ErrorCode.None);
        }
    }

    public async ValueTask<LogDirDescription[]> DescribeLogDirsAsync(int brokerId, CancellationToken cancellationToken)
    {
        var response = await AskOneAsync<DescribeLogDirsRequestData, DescribeLogDirsResponseData>(
            brokerId, new DescribeLogDirsRequestData { Topics = null }, DescribeLogDirsMin, DescribeLogDirsMax, isChange: false, cancellationToken).ConfigureAwait(false);
        LogException.ThrowIfError(response.ErrorCode, null);
        return [.. response.Results.Select(static dir => new LogDirDescription
        {
            Error = dir.ErrorCode,
            Path = dir.LogDir,
            TotalBytes = dir.TotalBytes,
            UsableBytes = dir.UsableBytes,
            Replicas = [.. dir.Topics.SelectMany(static topic => topic.Partitions.Select(partition => new ReplicaDescription(
                new TopicPartition(topic.Name, partition.PartitionIndex), partition.PartitionSize, LogEndOffset: -1)))],
        })];
    }

    public async ValueTask<InitProducerIdResult> InitProducerIdAsync(InitProducerIdRequest request, CancellationToken cancellationToken)
    {
        var data = new InitProducerIdRequestData
        {
            TransactionalId = request.TransactionalId,
            TransactionTimeoutMs = request.TransactionTimeoutMs,
            ProducerId = request.ProducerId,
            ProducerEpoch = request.ProducerEpoch,
        };
        var response = await AskOneAsync<InitProducerIdRequestData, InitProducerIdResponseData>(
            NoBroker, data, 0, InitProducerIdMax, isChange: false, cancellationToken).ConfigureAwait(false);
        return new InitProducerIdResult(response.ErrorCode, response.ProducerId, response.ProducerEpoch);
    }
}
