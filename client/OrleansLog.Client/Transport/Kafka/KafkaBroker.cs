namespace OrleansLog.Client;

/// <summary>Which connection a request goes on: a broker answers a connection in order, so what waits must not stand before what does not.</summary>
internal enum KafkaLaneKind
{
    /// <summary>Batches.</summary>
    Produce,

    /// <summary>Short questions: metadata, offsets, heartbeats.</summary>
    Short,

    /// <summary>What may wait at the broker: fetches, joins, administration.</summary>
    Long,
}

/// <summary>One address of a broker: its lanes, and how long to leave it alone after it refused.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "CloseAsync lets go of it.")]
internal sealed class KafkaBroker
{
    public static readonly KafkaFailure Closed = KafkaFailure.Network("The client was closed.");

    private const int ShortConnectionsMax = 2;

    private readonly KafkaEnvironment _environment;
    private readonly Action<Task> _own;
    private readonly KafkaLane[] _lanes;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private KafkaFailure? _refusal;
    private long _retryAt;
    private int _refusals;

    /// <param name="address">Where it listens.</param>
    /// <param name="environment">What connections share.</param>
    /// <param name="own">Takes background work.</param>
    public KafkaBroker(KafkaAddress address, KafkaEnvironment environment, Action<Task> own)
    {
        Address = address;
        _environment = environment;
        _own = own;
        _lanes = [new KafkaLane(this, 1), new KafkaLane(this, ShortConnectionsMax), new KafkaLane(this, environment.Options.ConnectionsPerBrokerMax)];
    }

    public KafkaAddress Address { get; }

    public KafkaLane Lane(KafkaLaneKind kind) => _lanes[(int)kind];

    /// <summary>Why not to connect now: it refused a moment ago. Null: connect.</summary>
    public KafkaFailure? RefusalNow()
    {
        lock (_gate)
            return _refusal is not null && _environment.Time.GetTimestamp() < _retryAt ? _refusal : null;
    }

    public async Task<(KafkaConnection? Connection, KafkaFailure? Failure)> ConnectAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var (connection, failure) = await KafkaConnection.ConnectAsync(Address, _environment, _closing.Token).ConfigureAwait(false);
            Note(failure);
            return (connection, failure);
        }
        catch (OperationCanceledException)
        {
            return (null, Closed);
        }
    }

    public void Check(long now)
    {
        foreach (var lane in _lanes)
            lane.Check(now);
    }

    /// <summary>Whether it has not answered for long.</summary>
    public bool IsSilent(long now, double longestMs) => Array.Exists(_lanes, lane => lane.IsSilent(now, longestMs));

    /// <summary>Ends every call to it, and leaves it alone for a moment.</summary>
    public void Break(KafkaFailure why)
    {
        Note(why);
        foreach (var lane in _lanes)
            lane.Break(why);
    }

    public void Own(Task work) => _own(work);

    /// <summary>Takes no more calls; completes once those that were taken have ended.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(_lanes.Select(static lane => lane.WhenIdleAsync()));

    public async Task CloseAsync(KafkaFailure why)
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_lanes.Select(lane => lane.CloseAsync(why))).ConfigureAwait(false);
        _closing.Dispose();
    }

    private void Note(KafkaFailure? failure)
    {
        lock (_gate)
        {
            _refusal = failure;
            var waitMs = failure is null ? 0 : Backoff.DelayMs(_refusals, _environment.Options.ReconnectBackoffMs, _environment.Options.ReconnectBackoffMaxMs);
            _refusals = failure is null ? 0 : _refusals + 1;
            _retryAt = _environment.After(_environment.Time.GetTimestamp(), waitMs);
        }
    }
}
