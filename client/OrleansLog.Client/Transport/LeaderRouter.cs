using System.Collections.Concurrent;

namespace OrleansLog.Client;

/// <summary>Who leads what, as metadata last told, and requests dealt out to the leaders. Shared by the transports that have a network.</summary>
/// <param name="ask">Reads metadata of topics, and has the router learn it.</param>
internal sealed class LeaderRouter(Func<string[], CancellationToken, ValueTask<ClusterMetadata>> ask)
{
    private readonly ConcurrentDictionary<string, int[]> _leaders = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<TopicPartition, int> _nearby = new();

    public void Learn(ClusterMetadata metadata)
    {
        foreach (var topic in metadata.Topics)
        {
            if (topic.Error == ErrorCode.None)
                _leaders[topic.Name] = Array.ConvertAll(topic.Partitions, static partition => partition.LeaderId);
            else
                _leaders.TryRemove(topic.Name, out _);

            // Asked for anew now and then: the leader may know a better one by now.
            for (var i = 0; i < topic.Partitions.Length && !_nearby.IsEmpty; i++)
                _nearby.TryRemove(new TopicPartition(topic.Name, i), out _);
        }
    }

    public void Forget(string topic) => _leaders.TryRemove(topic, out _);

    /// <summary>The leader, if it is in the cache.</summary>
    public bool TryFind(TopicPartition partition, out int leader)
    {
        leader = _leaders.TryGetValue(partition.Topic, out var leaders) && (uint)partition.Partition < (uint)leaders.Length ? leaders[partition.Partition] : -1;
        return leader >= 0;
    }

    /// <summary>The leader, from the cache if possible; an error when nobody leads or the topic is not known.</summary>
    public ValueTask<(int Leader, ErrorCode Error)> LeaderAsync(TopicPartition partition, CancellationToken cancellationToken) =>
        TryFind(partition, out var leader) ? new((leader, ErrorCode.None)) : AskForLeaderAsync(partition, cancellationToken);

    /// <summary>Why a partition cannot be written to, where the code alone does not say it.</summary>
    public static string? MessageFor(ErrorCode refusal, TopicPartition partition) => refusal == ErrorCode.LeaderNotAvailable
        ? $"No broker leads {partition} now: its broker is away, or the log directory of its replica is gone or has failed. The broker's log and 'olog topic describe' tell which."
        : null;

    /// <summary>A read of partitions that may have several leaders; each leader gets its share.</summary>
    public async ValueTask<FetchResult> FetchAsync(
        FetchRequest request, Func<int, FetchRequest, CancellationToken, Task<FetchResult>> fetch, CancellationToken cancellationToken)
    {
        var results = new FetchPartitionResult[request.Partitions.Length];
        var byLeader = new Dictionary<int, List<int>>(1);
        for (var i = 0; i < results.Length; i++)
        {
            var (leader, refusal) = request.Rack is not null && _nearby.TryGetValue(request.Partitions[i].Partition, out var nearby)
                ? (nearby, ErrorCode.None)
                : await LeaderAsync(request.Partitions[i].Partition, cancellationToken).ConfigureAwait(false);
            if (refusal == ErrorCode.None)
                byLeader.GetOrAdd(leader).Add(i);
            else
                results[i] = Refused(refusal, null);
        }

        if (byLeader.Count == 1 && byLeader.First() is var (only, all) && all.Count == results.Length)
            return await fetch(only, request, cancellationToken).ConfigureAwait(false);
        var parts = new FetchParts();
        try
        {
            await Task.WhenAll(byLeader.Select(async group =>
            {
                var part = await fetch(group.Key, request with { Partitions = [.. group.Value.Select(index => request.Partitions[index])] }, cancellationToken).ConfigureAwait(false);
                parts.Add(part);
                for (var i = 0; i < group.Value.Count && i < part.Partitions.Length; i++)
                    results[group.Value[i]] = part.Partitions[i];
            })).ConfigureAwait(false);
            return new FetchResult(results, parts);
        }
        catch
        {
            parts.Dispose();
            throw;
        }
    }

    /// <summary>Notes what an answer says about who leads, and who had better be read from (KIP-392); whoever does not answer well is not.</summary>
    public void NoteFetched(FetchRequest request, FetchResult result)
    {
        for (var i = 0; i < result.Partitions.Length && i < request.Partitions.Length; i++)
        {
            var partition = request.Partitions[i].Partition;
            if (result.Partitions[i].Error.MeansStaleMetadata())
                Forget(partition.Topic);
            if (result.Partitions[i].Error != ErrorCode.None)
            {
                // What a follower has deleted already, its leader may still have: only the leader's word makes a reader start anew.
                if (request.Rack is not null && _nearby.TryRemove(partition, out _) && result.Partitions[i].Error == ErrorCode.OffsetOutOfRange)
                    result.Partitions[i] = result.Partitions[i] with { Error = ErrorCode.OffsetNotAvailable };
            }
            else if (result.Partitions[i].PreferredReadReplica is { } nearby)
                _nearby[partition] = nearby;
        }
    }

    /// <summary>One and the same refusal for every partition of a read.</summary>
    public static FetchResult Refused(FetchRequest request, ErrorCode error, string? message) =>
        new([.. Enumerable.Repeat(Refused(error, message), request.Partitions.Length)]);

    /// <summary>Asks each leader for its share, and puts the answers back in the order of the questions.</summary>
    /// <param name="queries">The questions.</param>
    /// <param name="partitionOf">What a question is about.</param>
    /// <param name="share">Asks one leader; a failure of the whole share is an error for each of its questions.</param>
    /// <param name="failure">An answer that says an error.</param>
    /// <param name="errorOf">The error of an answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<TResult[]> SpreadAsync<TQuery, TResult>(
        TQuery[] queries, Func<TQuery, TopicPartition> partitionOf, Func<int, TQuery[], Task<(TResult[] Answers, ErrorCode Error)>> share,
        Func<ErrorCode, TResult> failure, Func<TResult, ErrorCode> errorOf, CancellationToken cancellationToken)
    {
        var results = new TResult[queries.Length];
        var byLeader = new Dictionary<int, List<int>>(1);
        for (var i = 0; i < queries.Length; i++)
        {
            var (leader, refusal) = await LeaderAsync(partitionOf(queries[i]), cancellationToken).ConfigureAwait(false);
            if (refusal == ErrorCode.None)
                byLeader.GetOrAdd(leader).Add(i);
            else
                results[i] = failure(refusal);
        }

        foreach (var (leader, indexes) in byLeader)
        {
            var (answers, error) = await share(leader, [.. indexes.Select(index => queries[index])]).ConfigureAwait(false);
            for (var i = 0; i < indexes.Count; i++)
            {
                var answer = i < answers.Length ? answers[i] : failure(error == ErrorCode.None ? ErrorCode.NetworkException : error);
                if (errorOf(answer).MeansStaleMetadata())
                    Forget(partitionOf(queries[indexes[i]]).Topic);
                results[indexes[i]] = answer;
            }
        }

        return results;
    }

    private static FetchPartitionResult Refused(ErrorCode error, string? message) =>
        new() { Error = error, HighWatermark = -1, LastStableOffset = -1, LogStartOffset = -1, Message = message };

    private async ValueTask<(int Leader, ErrorCode Error)> AskForLeaderAsync(TopicPartition partition, CancellationToken cancellationToken)
    {
        try
        {
            var metadata = await ask([partition.Topic], cancellationToken).ConfigureAwait(false);
            if (metadata.Topics is not [{ } topic, ..])
                return (-1, ErrorCode.UnknownTopicOrPartition);
            if (topic.Error != ErrorCode.None)
                return (-1, topic.Error);
            if ((uint)partition.Partition >= (uint)topic.Partitions.Length)
                return (-1, ErrorCode.UnknownTopicOrPartition);
            var leader = topic.Partitions[partition.Partition].LeaderId;
            return leader >= 0 ? (leader, ErrorCode.None) : (-1, ErrorCode.LeaderNotAvailable);
        }
        catch (LogException error)
        {
            return (-1, error.Code);
        }
    }
}
