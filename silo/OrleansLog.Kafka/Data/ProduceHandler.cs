using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Kafka.Data;

/// <summary>
/// Appends batches. All of a request's batches are handed to the log before anything is waited for, on the receiving thread:
/// so the batches of one connection keep their order in each partition while they overlap (S9).
/// </summary>
internal sealed class ProduceHandler(DataPath data, TopicDirectory topics) : ApiHandler<ProduceRequestData, ProduceResponseData>
{
    /// <summary>KIP-110: who asks in an older version may not know the codec.</summary>
    private const short FirstVersionWithZstd = 7;

    /// <summary>KIP-467: which records a batch is refused for.</summary>
    private const short FirstVersionWithRecordErrors = 8;

    /// <summary>Most bad records that one answer names: its size must not be what a client's small batches decide.</summary>
    private const int MaxRecordErrors = 10_000;

    /// <summary>Lower than what is served: <see cref="OldProduce"/>.</summary>
    public override short MinVersion => 0;

    public override bool MayOverlap => true;

    public override IMessage? Read(ref MessageReader reader, short version) =>
        version < OldProduce.FirstServedVersion ? OldProduce.Read(ref reader) : base.Read(ref reader, version);

    public override ValueTask<IMessage?> HandleAsync(IMessage request, RequestContext context)
    {
        if (request is not OldProduce old)
            return base.HandleAsync(request, context);

        context.NoteError(ErrorCode.UnsupportedVersion);
        if (old.Acks != 0)
            return new(old);

        context.CloseConnection();
        return default;
    }

    protected override ValueTask<ProduceResponseData?> HandleAsync(ProduceRequestData request, RequestContext context)
    {
        var refusal = Refusal(request);
        if (refusal != ErrorCode.None)
            return new(Refuse(request, refusal, context));

        // One partition is the usual case, and then there is nothing to gather.
        return request.TopicData is [{ PartitionData: [var only] } topic]
            ? AnswerOneAsync(Start(topic, only, request, context, out var name), topic, only, name, request, context)
            : AnswerAllAsync(StartAll(request, context), request, context);
    }

    protected override ProduceResponseData? Fail(ProduceRequestData request, ErrorCode error)
    {
        if (request.Acks == 0)
            return null;

        var response = new ProduceResponseData();
        foreach (var topic in request.TopicData)
        {
            response.Responses.Add(new()
            {
                Name = topic.Name,
                TopicId = topic.TopicId,
                PartitionResponses = [.. topic.PartitionData.Select(partition => new ProduceResponseData.PartitionProduceResponse
                {
                    Index = partition.Index, ErrorCode = error, BaseOffset = -1,
                })],
            });
        }

        return response;
    }

    private static ErrorCode Refusal(ProduceRequestData request) =>
        request.TransactionalId is not null ? ErrorCode.TransactionalIdAuthorizationFailed
        : request.Acks is < -1 or > 1 ? ErrorCode.InvalidRequiredAcks
        : ErrorCode.None;

    private ValueTask<ProduceResult> Start(
        ProduceRequestData.TopicProduceData topic, ProduceRequestData.PartitionProduceData partition, ProduceRequestData request, RequestContext context,
        out string? name)
    {
        name = context.ApiVersion >= 13 ? topics.NameOf(topic.TopicId) : topic.Name;
        if (name is null)
            return new(ProduceResult.Failure(ErrorCode.UnknownTopicId, ProduceOutcome.NotStored));

        if (partition.Records is not { IsEmpty: false } records)
            return new(ProduceResult.Failure(ErrorCode.InvalidRecord, ProduceOutcome.NotStored, "A produce request has one record batch for each partition."));

        if (context.ApiVersion < FirstVersionWithZstd && RecordBatchHeader.TryRead(records.Span, out var header) && header is { Magic: 2, Codec: CompressionCodec.Zstd })
        {
            return new(ProduceResult.Failure(
                ErrorCode.UnsupportedCompressionType, ProduceOutcome.NotStored, "Zstandard needs Produce 7 or later: consumers of that time cannot read it."));
        }

        return data.ProduceAsync(new ProduceRequest
        {
            Partition = new TopicPartition(name, partition.Index),
            Batch = records,
            Acks = (Acks)request.Acks,
            TimeoutMs = Math.Max(0, request.TimeoutMs),
        });
    }

    private List<(Task<ProduceResult> Produce, string? Name)> StartAll(ProduceRequestData request, RequestContext context)
    {
        var started = new List<(Task<ProduceResult>, string?)>();
        var named = 0;
        foreach (var topic in request.TopicData)
        {
            foreach (var partition in topic.PartitionData)
            {
                var produce = StartTask(topic, partition, request, context, out var name);
                if (produce.IsCompletedSuccessfully && produce.Result.RecordErrors is { } errors && (named += errors.Length) > MaxRecordErrors)
                    produce = Task.FromResult(produce.Result with { RecordErrors = null });

                started.Add((produce, name));
            }
        }

        return started;
    }

    /// <summary>Never throws: batches that were started before it still lie in the request's memory.</summary>
    private Task<ProduceResult> StartTask(
        ProduceRequestData.TopicProduceData topic, ProduceRequestData.PartitionProduceData partition, ProduceRequestData request, RequestContext context,
        out string? name)
    {
        name = null;
        try
        {
            return Start(topic, partition, request, context, out name).AsTask();
        }
        catch (Exception error)
        {
            return Task.FromException<ProduceResult>(error);
        }
    }

    private async ValueTask<ProduceResponseData?> AnswerOneAsync(
        ValueTask<ProduceResult> produce, ProduceRequestData.TopicProduceData topic, ProduceRequestData.PartitionProduceData partition, string? name,
        ProduceRequestData request, RequestContext context)
    {
        var result = await produce.ConfigureAwait(false);
        var response = new ProduceResponseData();
        var answers = new ProduceResponseData.TopicProduceResponse { Name = topic.Name, TopicId = topic.TopicId };
        answers.PartitionResponses.Add(Answer(result, name, partition.Index, response, context));
        response.Responses.Add(answers);
        return Finish(response, request, context);
    }

    private async ValueTask<ProduceResponseData?> AnswerAllAsync(
        List<(Task<ProduceResult> Produce, string? Name)> started, ProduceRequestData request, RequestContext context)
    {
        // All of them, also when one fails: until then they need the request's memory.
        await Task.WhenAll(started.Select(static one => one.Produce)).ConfigureAwait(false);
        var response = new ProduceResponseData();
        var next = 0;
        foreach (var topic in request.TopicData)
        {
            var answers = new ProduceResponseData.TopicProduceResponse { Name = topic.Name, TopicId = topic.TopicId };
            foreach (var partition in topic.PartitionData)
            {
                var (produce, name) = started[next++];
                answers.PartitionResponses.Add(Answer(await produce.ConfigureAwait(false), name, partition.Index, response, context));
            }

            response.Responses.Add(answers);
        }

        return Finish(response, request, context);
    }

    private ProduceResponseData.PartitionProduceResponse Answer(
        in ProduceResult result, string? name, int index, ProduceResponseData response, RequestContext context)
    {
        context.NoteError(result.Error);
        var answer = new ProduceResponseData.PartitionProduceResponse
        {
            Index = index,
            ErrorCode = result.Error,
            BaseOffset = result.BaseOffset,
            LogAppendTimeMs = result.LogAppendTimeMs,
            LogStartOffset = result.LogStartOffset,
            ErrorMessage = result.Message,
        };
        foreach (var bad in context.ApiVersion >= FirstVersionWithRecordErrors ? result.RecordErrors ?? [] : [])
            answer.RecordErrors.Add(new() { BatchIndex = bad.BatchIndex, BatchIndexErrorMessage = bad.Message });

        if (result.Error == ErrorCode.NotLeaderOrFollower && context.ApiVersion >= 10
            && topics.LeaderOf(new TopicPartition(name!, index), context) is { } leader)
        {
            answer.CurrentLeader = new() { LeaderId = leader.Id, LeaderEpoch = leader.Epoch };
            if (!response.NodeEndpoints.Exists(node => node.NodeId == leader.Id))
                response.NodeEndpoints.Add(new() { NodeId = leader.Id, Host = leader.Host, Port = leader.Port, Rack = leader.Rack });
        }

        return answer;
    }

    /// <summary>acks=0 has no answer; an error is told by the end of the connection, so that the client asks for metadata.</summary>
    private static ProduceResponseData? Finish(ProduceResponseData response, ProduceRequestData request, RequestContext context)
    {
        if (request.Acks != 0)
            return response;

        if (context.Errors is not null)
            context.CloseConnection();

        return null;
    }
}
