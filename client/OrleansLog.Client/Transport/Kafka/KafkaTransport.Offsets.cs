using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

internal sealed partial class KafkaTransport
{
    private const short ListOffsetsMin = 1;
    private const short ListOffsetsMaxTimestamp = 7; // KIP-734
    private const short ListOffsetsMax = 7;

    public ValueTask<ListOffsetsResult[]> ListOffsetsAsync(
        ListOffsetsQuery[] queries, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        return _router.SpreadAsync(
            queries, static query => query.Partition, AskShareAsync,
            static error => new ListOffsetsResult(error, -1), static result => result.Error, cancellationToken);

        async Task<(ListOffsetsResult[] Answers, ErrorCode Error)> AskShareAsync(int leader, ListOffsetsQuery[] share)
        {
            // A request has each partition once: who asks for both ends of one gets two requests.
            var seen = new HashSet<TopicPartition>(share.Length);
            var first = Array.FindAll(share, query => seen.Add(query.Partition));
            if (first.Length == share.Length)
                return await AskOnceAsync(leader, share).ConfigureAwait(false);
            seen.Clear();
            var rest = Array.FindAll(share, query => !seen.Add(query.Partition));
            var answers = await Task.WhenAll(AskOnceAsync(leader, first), AskShareAsync(leader, rest)).ConfigureAwait(false);
            if (answers[0].Error != ErrorCode.None || answers[1].Error != ErrorCode.None)
                return ([], answers[0].Error != ErrorCode.None ? answers[0].Error : answers[1].Error);
            seen.Clear();
            var (nextFirst, nextRest) = (0, 0);
            return (Array.ConvertAll(share, query => seen.Add(query.Partition) ? answers[0].Answers[nextFirst++] : answers[1].Answers[nextRest++]), ErrorCode.None);
        }

        async Task<(ListOffsetsResult[] Answers, ErrorCode Error)> AskOnceAsync(int leader, ListOffsetsQuery[] share)
        {
            var request = new ListOffsetsRequestData { ReplicaId = -1, IsolationLevel = (sbyte)isolation };
            var minVersion = ListOffsetsMin;
            foreach (var (partition, timestampMs, leaderEpoch) in share)
            {
                if (timestampMs == OffsetSpec.MaxTimestamp)
                    minVersion = ListOffsetsMaxTimestamp;
                Topic(request.Topics, partition.Topic).Partitions.Add(new ListOffsetsRequestData.ListOffsetsPartition
                {
                    PartitionIndex = partition.Partition,
                    CurrentLeaderEpoch = leaderEpoch,
                    Timestamp = timestampMs,
                });
            }

            var answer = await AskAsync<ListOffsetsRequestData, ListOffsetsResponseData>(
                leader, request, minVersion, ListOffsetsMax, KafkaLaneKind.Short, waitMs: 0, cancellationToken).ConfigureAwait(false);
            if (answer.Response is not { } response)
                return ([], CodeOfLeader(answer.Failure!));
            var byPartition = new Dictionary<TopicPartition, ListOffsetsResult>(share.Length);
            foreach (var topic in response.Topics)
            {
                foreach (var found in topic.Partitions)
                    byPartition[new TopicPartition(topic.Name, found.PartitionIndex)] = new ListOffsetsResult(found.ErrorCode, found.Offset, found.Timestamp, found.LeaderEpoch);
            }

            return (InOrder(share, static query => query.Partition, byPartition, new ListOffsetsResult(ErrorCode.UnknownServerError, -1)), ErrorCode.None);
        }

        static ListOffsetsRequestData.ListOffsetsTopic Topic(List<ListOffsetsRequestData.ListOffsetsTopic> topics, string name)
        {
            if (topics.Count == 0 || topics[^1].Name != name)
                topics.Add(new ListOffsetsRequestData.ListOffsetsTopic { Name = name });
            return topics[^1];
        }
    }

    // The answers in the order of the questions; what is missing is an error.
    private static TResult[] InOrder<TQuery, TResult>(
        TQuery[] queries, Func<TQuery, TopicPartition> partitionOf, Dictionary<TopicPartition, TResult> found, TResult missing) =>
        Array.ConvertAll(queries, query => found.TryGetValue(partitionOf(query), out var result) ? result : missing);
}
