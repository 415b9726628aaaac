using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;

namespace OrleansLog.Kafka.Diagnostics;

/// <summary>
/// The listeners' instruments, on the meter <c>OrleansLog</c>, by API. The time of a request: in the queue until its handler
/// is called, local until the handler first waits, remote until the answer is there, send until it is with the system; and all of it.
/// </summary>
internal sealed class RequestMetrics : IDisposable
{
    private readonly Meter _meter = new("OrleansLog");
    private readonly Counter<long> _requests;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _bytesIn;
    private readonly Counter<long> _bytesOut;
    private readonly Histogram<double> _queueTime;
    private readonly Histogram<double> _localTime;
    private readonly Histogram<double> _remoteTime;
    private readonly Histogram<double> _sendTime;
    private readonly Histogram<double> _totalTime;
    private readonly Counter<long> _cutForMemory;
    private readonly Lock _idleGate = new();
    private long _busyTicks;
    private long _seenBusyTicks;
    private long _seenAt = Stopwatch.GetTimestamp();
    private double _idle = 1;

    public RequestMetrics()
    {
        _requests = _meter.CreateCounter<long>("orleanslog.requests", "{request}", "Requests answered.");
        _errors = _meter.CreateCounter<long>("orleanslog.request.errors", "{error}", "Errors in answers, by name.");
        _bytesIn = _meter.CreateCounter<long>("orleanslog.request.bytes.in", "By", "Bytes of requests.");
        _bytesOut = _meter.CreateCounter<long>("orleanslog.request.bytes.out", "By", "Bytes of answers.");
        _queueTime = _meter.CreateHistogram("orleanslog.request.queue.duration", "s", "From the arrival of a request to its handling.", tags: null, DurationBuckets.Seconds);
        _localTime = _meter.CreateHistogram("orleanslog.request.local.duration", "s", "Handling of a request until it waits for something.", tags: null, DurationBuckets.Seconds);
        _remoteTime = _meter.CreateHistogram("orleanslog.request.remote.duration", "s", "Waiting of a request for the disk, for other brokers, or for records.", tags: null, DurationBuckets.Seconds);
        _sendTime = _meter.CreateHistogram("orleanslog.request.send.duration", "s", "From the answer to its last byte in the socket.", tags: null, DurationBuckets.Seconds);
        _totalTime = _meter.CreateHistogram("orleanslog.request.duration", "s", "From the arrival of a request to the last byte of its answer in the socket.", tags: null, DurationBuckets.Seconds);
        _cutForMemory = _meter.CreateCounter<long>("orleanslog.request.memory.cut", "{connection}", "Connections cut because others waited for the memory that their requests held.");
        _meter.CreateObservableGauge("orleanslog.request.handler.idle", Idle, "1", "Share of the processors' time that request handling left free since the last look.");
    }

    /// <summary>A request is answered, as far as it can be.</summary>
    public void Answered(PendingRequest request)
    {
        var now = Stopwatch.GetTimestamp();
        var api = new KeyValuePair<string, object?>("api", request.Handler.MetricName);
        Interlocked.Add(ref _busyTicks, request.ReturnedAt - request.StartedAt);
        _requests.Add(1, api);
        _bytesIn.Add(request.Frame.Length, api);
        _bytesOut.Add(request.AnswerBytes, api);
        if (request.Context.Errors is { } errors)
        {
            foreach (var (error, count) in errors)
                _errors.Add(count, api, new KeyValuePair<string, object?>("error", error.KafkaName()));
        }

        _queueTime.Record(Seconds(request.Frame.ArrivedAt, request.StartedAt), api);
        _localTime.Record(Seconds(request.StartedAt, request.ReturnedAt), api);
        _remoteTime.Record(Seconds(request.ReturnedAt, request.DoneAt), api);
        _sendTime.Record(Seconds(request.DoneAt, now), api);
        _totalTime.Record(Seconds(request.Frame.ArrivedAt, now), api);
    }

    /// <summary>A connection is cut, so that others have its memory.</summary>
    public void CutForMemory() => _cutForMemory.Add(1);

    /// <summary>Adds the figures that are read when somebody looks.</summary>
    public void Observe(Func<IEnumerable<Measurement<int>>> connections, Func<long> requestBytes, Func<int> requestsWaiting)
    {
        _meter.CreateObservableGauge("orleanslog.connections", connections, "{connection}", "Open connections of each listener.");
        _meter.CreateObservableGauge("orleanslog.request.memory", requestBytes, "By", "Memory of requests that arrive or are in work.");
        _meter.CreateObservableGauge("orleanslog.request.memory.waiting", requestsWaiting, "{request}", "Requests that wait for memory.");
    }

    public void Dispose() => _meter.Dispose();

    private static double Seconds(long from, long to) => Math.Max(0, Stopwatch.GetElapsedTime(from, to).TotalSeconds);

    private double Idle()
    {
        lock (_idleGate)
        {
            var now = Stopwatch.GetTimestamp();
            var busy = Interlocked.Read(ref _busyTicks);
            if (now > _seenAt)
                _idle = Math.Clamp(1 - ((double)(busy - _seenBusyTicks) / ((now - _seenAt) * Environment.ProcessorCount)), 0, 1);

            (_seenAt, _seenBusyTicks) = (now, busy);
            return _idle;
        }
    }
}
