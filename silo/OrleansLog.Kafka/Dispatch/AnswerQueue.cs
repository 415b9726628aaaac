using OrleansLog.Grains.Timing;
using OrleansLog.Kafka.Network;

namespace OrleansLog.Kafka.Dispatch;

/// <summary>
/// The unanswered requests of one connection, in the order in which they came: who may start, and whose answer may go. The
/// connection's receiving loop adds and waits; any thread completes; one at a time sends.
/// </summary>
internal sealed class AnswerQueue(ConnectionSettings settings)
{
    /// <summary>Answers that go out together.</summary>
    private const int MostAtOnce = 64;

    private readonly Lock _gate = new();
    private readonly Queue<PendingRequest> _inOrder = new();
    private int _unanswered;
    private long _unansweredBytes;
    private long _answered;
    private long _answeredAtLook = -1;
    private bool _isSending;
    private bool _holdsOthersUp;
    private ReturningWait? _waiter;
    private Func<AnswerQueue, bool>? _waitsFor;

    /// <summary>True while requests overlap, so that the next one is likely to come at once.</summary>
    public bool IsStreaming
    {
        get
        {
            lock (_gate)
                return _unanswered > 0 && !_holdsOthersUp;
        }
    }

    /// <summary>True while a handler works on the oldest request: the client has nothing to do but wait.</summary>
    public bool IsInWork
    {
        get
        {
            lock (_gate)
                return _unanswered > 0 && !_isSending;
        }
    }

    /// <summary>
    /// Whether nothing was answered since the last look because of the client: it asked for a wait, or does not read what is sent. The sweep's alone.
    /// </summary>
    public bool StandsStill()
    {
        lock (_gate)
        {
            var standsStill = _answeredAtLook == _answered && _unanswered > 0 && (_isSending || (_inOrder.TryPeek(out var oldest) && oldest.Handler.WaitsAsAsked));
            _answeredAtLook = _answered;
            return standsStill;
        }
    }

    /// <summary>Completes when the next request may start: after everything before it is answered, unless they may overlap.</summary>
    public ValueTask MayStartAsync(bool mayOverlap) => WaitAsync(
        mayOverlap
            ? static queue => !queue._holdsOthersUp && queue._unanswered < queue.Settings.UnansweredMax && queue._unansweredBytes < queue.Settings.UnansweredMaxBytes
            : static queue => queue._unanswered == 0);

    /// <summary>Completes when everything is answered.</summary>
    public ValueTask DrainedAsync() => WaitAsync(static queue => queue._unanswered == 0);

    /// <summary>A request starts.</summary>
    public void Add(PendingRequest request)
    {
        lock (_gate)
        {
            _inOrder.Enqueue(request);
            _unanswered++;
            _unansweredBytes += request.Frame.Length;
            _holdsOthersUp = !request.Handler.MayOverlap;
        }
    }

    /// <summary>A request's answer is there. True when the caller has to send: nobody else does, and it is its turn.</summary>
    public bool Complete(PendingRequest request)
    {
        lock (_gate)
        {
            request.IsDone = true;
            return !_isSending && ReferenceEquals(_inOrder.Peek(), request) && (_isSending = true);
        }
    }

    /// <summary>The sender takes what may go next; false when there is nothing, and it is the sender no longer.</summary>
    public bool TakeReady(List<PendingRequest> ready)
    {
        lock (_gate)
        {
            while (ready.Count < MostAtOnce && _inOrder.TryPeek(out var next) && next.IsDone)
                ready.Add(_inOrder.Dequeue());

            return _isSending = ready.Count > 0;
        }
    }

    /// <summary>What was taken has gone.</summary>
    public void Sent(List<PendingRequest> sent)
    {
        lock (_gate)
        {
            foreach (var request in sent)
                _unansweredBytes -= request.Frame.Length;

            _unanswered -= sent.Count;
            _answered += sent.Count;
            _holdsOthersUp &= _unanswered > 0;
            if (_waiter is { } waiter && _waitsFor!(this))
            {
                _waiter = null;
                waiter.End();
            }
        }
    }

    private ConnectionSettings Settings => settings;

    private ValueTask WaitAsync(Func<AnswerQueue, bool> condition)
    {
        lock (_gate)
        {
            if (condition(this))
                return ValueTask.CompletedTask;

            _waitsFor = condition;
            _waiter = new ReturningWait();
            return _waiter.Task;
        }
    }
}
