using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

/// <summary>A read on its way. Its answer is taken in as it is: the records are slices of the memory that the socket filled.</summary>
internal sealed class FetchCall(FetchRequest request) : KafkaCall
{
    private const int NoSession = 0;
    private const int NoSessionEpoch = -1;

    private readonly TaskCompletionSource<FetchResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override ApiKey ApiKey => ApiKey.Fetch;

    public override short MinVersion => 4;

    /// <summary>The last version that names topics by name.</summary>
    public override short MaxVersion => 12;

    public override int WaitMs => request.MaxWaitMs;

    public override bool UsesPooledFrame => true;

    public override bool IsAbandoned => _result.Task.IsCompleted;

    public Task<FetchResult> Result => _result.Task;

    /// <summary>One and the same refusal for every partition.</summary>
    public static FetchPartitionResult Refused(ErrorCode error, string? message = null) =>
        new() { Error = error, HighWatermark = -1, LastStableOffset = -1, LogStartOffset = -1, Message = message };

    /// <summary>Nobody waits any more; the answer, when it comes, is dropped.</summary>
    public void Cancel(CancellationToken cancellationToken) => _result.TrySetCanceled(cancellationToken);

    public override void Write(ref MessageWriter writer)
    {
        var data = new FetchRequestData
        {
            ReplicaId = -1,
            MaxWaitMs = request.MaxWaitMs,
            MinBytes = request.MinBytes,
            MaxBytes = request.MaxBytes,
            IsolationLevel = (sbyte)request.Isolation,
            SessionId = NoSession,
            SessionEpoch = NoSessionEpoch,
            RackId = request.Rack ?? "",
        };
        FetchRequestData.FetchTopic? topic = null;
        foreach (ref readonly var wanted in request.Partitions.AsSpan())
        {
            if (topic?.Topic != wanted.Partition.Topic)
                data.Topics.Add(topic = new FetchRequestData.FetchTopic { Topic = wanted.Partition.Topic });
            topic.Partitions.Add(new FetchRequestData.FetchPartition
            {
                Partition = wanted.Partition.Partition,
                CurrentLeaderEpoch = wanted.CurrentLeaderEpoch,
                LastFetchedEpoch = wanted.LastFetchedEpoch ?? -1,
                FetchOffset = wanted.FetchOffset,
                PartitionMaxBytes = wanted.MaxBytes,
            });
        }

        data.Write(ref writer, Version);
    }

    public override MessageFault Complete(Frame frame, ref MessageReader reader)
    {
        var response = FetchResponseData.Read(ref reader, Version);
        if (response is null)
        {
            frame.Dispose();
            return reader.Fault;
        }

        var results = new FetchPartitionResult[request.Partitions.Length];
        var missing = response.ErrorCode == ErrorCode.None
            ? Refused(ErrorCode.UnknownServerError, "The broker's answer lacks a partition that was asked for.")
            : Refused(response.ErrorCode);
        Array.Fill(results, missing);
        var cursor = 0;
        foreach (var topic in response.Responses)
        {
            foreach (var partition in topic.Partitions)
            {
                if (Find(topic.Topic, partition.PartitionIndex, ref cursor) is >= 0 and var index)
                    results[index] = Read(partition);
            }
        }

        if (!_result.TrySetResult(new FetchResult(results, frame)))
            frame.Dispose();
        return MessageFault.None;
    }

    public override void Fail(KafkaFailure failure)
    {
        var results = new FetchPartitionResult[request.Partitions.Length];
        Array.Fill(results, Refused(failure.Code, failure.Message));
        _result.TrySetResult(new FetchResult(results));
    }

    private static FetchPartitionResult Read(FetchResponseData.PartitionData partition) => new()
    {
        Error = partition.ErrorCode,
        HighWatermark = partition.HighWatermark,
        LastStableOffset = partition.LastStableOffset,
        LogStartOffset = partition.LogStartOffset,
        PreferredReadReplica = partition.PreferredReadReplica < 0 ? null : partition.PreferredReadReplica,
        Diverging = partition.DivergingEpoch is { EndOffset: >= 0 } diverging ? new EpochEndOffset(diverging.Epoch, diverging.EndOffset) : null,
        Records = partition.Records ?? default,
    };

    // Answers come in the order of the request, more or less: the search begins where the last one ended.
    private int Find(string? topic, int partition, ref int cursor)
    {
        var wanted = request.Partitions;
        for (var i = 0; i < wanted.Length; i++)
        {
            var index = (cursor + i) % wanted.Length;
            if (wanted[index].Partition.Partition == partition && wanted[index].Partition.Topic == topic)
            {
                cursor = index + 1;
                return index;
            }
        }

        return -1;
    }
}
