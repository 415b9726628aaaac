using System.Threading.Tasks.Sources;
using OrleansLog.Core.Partition;
using OrleansLog.Grains.Partitions;
using OrleansLog.Grains.Timing;
using OrleansLog.Log;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Grains.Appending;

/// <summary>
/// One batch on its way through the appender to its acknowledgement: queue entry, timeout, and the task that the caller
/// awaits, all in one pooled object, so that a produce allocates nothing here.
/// </summary>
internal sealed class AppendRequest(AppendRequestPool pool) : TimerEntry, IAppenderWork, IValueTaskSource<ProduceResult>, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<ProduceResult> _answer;
    private IDisposable? _batchOwner;
    private long _producersMaxTimestampMs;
    private bool _isStamped;
    private bool _isAwaitedBriefly;
    private ServingThread? _thread;
    private ProduceResult _result;

    public Partition? Partition { get; private set; }

    public Memory<byte> Batch { get; private set; }

    public AckLevel Acks { get; private set; }

    public int TimeoutMs { get; private set; }

    public int CurrentLeaderEpoch { get; private set; }

    public int RecordCount { get; private set; }

    /// <summary>The idempotent producer's id, or -1.</summary>
    public long ProducerId { get; private set; }

    public long BaseOffset { get; set; }

    public long NextOffset => BaseOffset + RecordCount;

    public long LogAppendTimeMs { get; private set; }

    public int QueuedBytes => Batch.Length;

    public ValueTask<ProduceResult> Task => new(this, _answer.Version);

    /// <summary>Takes a checked batch.</summary>
    public void Begin(Partition partition, ProduceRequest request, in CheckedBatch batch, int timeoutMs, bool isAwaitedBriefly)
    {
        _isAwaitedBriefly = isAwaitedBriefly;
        _thread = ServingThread.Current;
        Partition = partition;
        Batch = batch.Bytes;
        Acks = (AckLevel)request.Acks;
        TimeoutMs = timeoutMs;
        CurrentLeaderEpoch = request.CurrentLeaderEpoch;
        RecordCount = batch.RecordCount;
        ProducerId = batch.ProducerId;
        LogAppendTimeMs = batch.LogAppendTimeMs;
        _batchOwner = batch.Owner;
        _producersMaxTimestampMs = batch.ProducersMaxTimestampMs;
        _isStamped = batch.IsStamped;
        BaseOffset = -1;
    }

    /// <summary>The batch is stored already: the answer is that of the first time.</summary>
    public void IsRepetitionOf(in ProducerCheck stored)
    {
        BaseOffset = stored.DuplicateOf;
        if (LogAppendTimeMs >= 0)
            LogAppendTimeMs = stored.TimestampMs;
    }

    /// <summary>Answers the caller; the request must not be touched afterwards.</summary>
    public void Complete(ErrorCode error, ProduceOutcome outcome, long logStartOffset, string? message = null)
    {
        // A refused batch comes back: it must look as the producer made it, or it would be refused for its timestamp type then.
        if (_isStamped && outcome == ProduceOutcome.NotStored)
            RecordBatchHeader.SetMaxTimestampAndType(Batch.Span, _producersMaxTimestampMs, TimestampType.CreateTime);

        _batchOwner?.Dispose();
        var result = error == ErrorCode.None
            ? ProduceResult.Success(BaseOffset, LogAppendTimeMs, logStartOffset)
            : ProduceResult.Failure(error, outcome, message);
        var goesOnHere = _isAwaitedBriefly && AnsweringThread.TryTake();
        _answer.RunContinuationsAsynchronously = !goesOnHere && _thread is null;
        if (goesOnHere || _thread is null)
        {
            _answer.SetResult(result);
            return;
        }

        _result = result;
        _thread.Post(this);
    }

    void IThreadPoolWorkItem.Execute() => _answer.SetResult(_result);

    protected internal override void OnTimer(int generation)
    {
        // The request may have been answered and reset meanwhile; the generation tells it from its next use.
        if (Partition is { } partition)
            partition.OnAppendTimeout(this, generation);
    }

    public ProduceResult GetResult(short token)
    {
        try
        {
            return _answer.GetResult(token);
        }
        finally
        {
            _answer.Reset();
            _result = default;
            _thread = null;
            Partition = null;
            Batch = default;
            _batchOwner = null;
            pool.Return(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _answer.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);
}
