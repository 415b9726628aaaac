using System.Threading.Tasks.Sources;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

/// <summary>
/// One batch on its way, and the batches of other partitions that wait with it and share its request. Pooled, with the objects that
/// the request consists of: a batch costs no memory of its own.
/// </summary>
internal sealed class ProduceCall : KafkaCall, IValueTaskSource<ProduceResult>
{
    // Batches that share a request wait for each other; large ones gain nothing from that.
    private const int SharedBytesMax = 512 * 1024;
    private const int PooledMax = 256;
    private const int AnswerGraceMs = 5_000;

    private static readonly System.Collections.Concurrent.ConcurrentQueue<ProduceCall> Pool = new();

    private readonly ProduceRequestData.TopicProduceData _topicData = new();
    private readonly ProduceRequestData.PartitionProduceData _partitionData = new();
    private readonly ProduceRequestData _requestData = new();
    private readonly List<ProduceCall> _members = [];
    private ManualResetValueTaskSourceCore<ProduceResult> _core = new() { RunContinuationsAsynchronously = true };
    private ProduceRequest _request = null!;
    private LeaderRouter _router = null!;
    private ProduceResult _result;
    private bool _isAnswered;
    private int _waitMs;
    private int _cursor;

    private ProduceCall()
    {
        _topicData.PartitionData.Add(_partitionData);
    }

    public override ApiKey ApiKey => ApiKey.Produce;

    public override short MinVersion => 3;

    /// <summary>The last version that names topics by name.</summary>
    public override short MaxVersion => 12;

    public override bool HasAnswer => _request.Acks != Acks.None;

    // The connection adds the time for a request; here the broker has its timeout, and the answer a moment to come through.
    public override int WaitMs => _waitMs;

    public override bool UsesPooledFrame => true;

    public ValueTask<ProduceResult> Result => new(this, _core.Version);

    /// <param name="request">The batch.</param>
    /// <param name="requestTimeoutMs">What the connection adds to <see cref="WaitMs"/>.</param>
    /// <param name="router">Learns when the leader is not the leader.</param>
    public static ProduceCall Rent(ProduceRequest request, int requestTimeoutMs, LeaderRouter router)
    {
        if (!Pool.TryDequeue(out var call))
            call = new ProduceCall();
        call._request = request;
        call._router = router;
        call._isAnswered = false;
        call._cursor = 0;
        call._waitMs = request.TimeoutMs + AnswerGraceMs - requestTimeoutMs;
        call.Restart();
        return call;
    }

    public override void Absorb(Queue<KafkaCall> waiting)
    {
        _members.Add(this);
        long bytes = _request.Batch.Length;
        while (waiting.TryPeek(out var next) && next is ProduceCall other && other._request.Acks == _request.Acks
            && (bytes += other._request.Batch.Length) <= SharedBytesMax && !Has(other._request.Partition))
        {
            waiting.Dequeue();
            _members.Add(other);
            other.Start(Version, correlationId: 0, startedAt: 0, deadlineAt: 0);
            _waitMs = Math.Max(_waitMs, other._waitMs);
        }
    }

    public override void Write(ref MessageWriter writer)
    {
        var timeoutMs = 0;
        foreach (var member in _members)
        {
            timeoutMs = Math.Max(timeoutMs, member._request.TimeoutMs);
            member._partitionData.Index = member._request.Partition.Partition;
            member._partitionData.Records = member._request.Batch;
            TopicData(member).PartitionData.Add(member._partitionData);
        }

        _requestData.Acks = (short)_request.Acks;
        _requestData.TimeoutMs = timeoutMs;
        _requestData.Write(ref writer, Version);
        foreach (var topic in _requestData.TopicData)
            topic.PartitionData.Clear();
        _requestData.TopicData.Clear();
        foreach (var member in _members)
            member._partitionData.Records = null;
    }

    public override MessageFault Complete(Frame frame, ref MessageReader reader)
    {
        var response = ProduceResponseData.Read(ref reader, Version);
        frame.Dispose();
        if (response is null)
            return reader.Fault;
        foreach (var topic in response.Responses)
        {
            foreach (var partition in topic.PartitionResponses)
                Find(topic.Name, partition.Index)?.Note(ProduceAnswer.Of(partition));
        }

        EndAll(ProduceResult.Failure(ErrorCode.UnknownServerError, ProduceOutcome.Unknown, "The broker's answer lacks a partition that was asked for."));
        return MessageFault.None;
    }

    public override void Sent() => EndAll(ProduceResult.Success(-1, -1, -1));

    public override void Fail(KafkaFailure failure)
    {
        if (_members.Count == 0)
            _members.Add(this);
        EndAll(ProduceResult.Failure(failure.Code, WasSent ? ProduceOutcome.Unknown : ProduceOutcome.NotStored, failure.Message));
    }

    ProduceResult IValueTaskSource<ProduceResult>.GetResult(short token)
    {
        var result = _core.GetResult(token);
        _core.Reset();
        _request = null!;
        if (Pool.Count < PooledMax)
            Pool.Enqueue(this);
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<ProduceResult>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<ProduceResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private bool Has(TopicPartition partition)
    {
        foreach (var member in _members)
        {
            if (member._request.Partition == partition)
                return true;
        }

        return false;
    }

    // Answers come in the order of the request, more or less: the search begins where the last one ended.
    private ProduceCall? Find(string? topic, int partition)
    {
        for (var i = 0; i < _members.Count; i++)
        {
            var member = _members[(_cursor + i) % _members.Count];
            if (!member._isAnswered && member._request.Partition.Partition == partition && member._request.Partition.Topic == topic)
            {
                _cursor += i + 1;
                return member;
            }
        }

        return null;
    }

    private ProduceRequestData.TopicProduceData TopicData(ProduceCall member)
    {
        var name = member._request.Partition.Topic;
        foreach (var topic in _requestData.TopicData)
        {
            if (topic.Name == name)
                return topic;
        }

        member._topicData.Name = name;
        member._topicData.PartitionData.Clear();
        _requestData.TopicData.Add(member._topicData);
        return member._topicData;
    }

    private void Note(in ProduceResult result)
    {
        _isAnswered = true;
        _result = result;
    }

    // Ends every member, this one last: from the moment that a call has its outcome, it may be another batch's.
    private void EndAll(in ProduceResult rest)
    {
        for (var i = _members.Count - 1; i > 0; i--)
            _members[i].End(rest);

        _members.Clear();
        End(rest);
    }

    private void End(in ProduceResult rest)
    {
        var result = _isAnswered ? _result : rest;
        if (result.Error.MeansStaleMetadata())
            _router.Forget(_request.Partition.Topic);
        _core.SetResult(result);
    }
}
