namespace OrleansLog.Client;

/// <summary>
/// The connections to one broker that carry one kind of request. A call takes a connection that carries nothing, or a new one while
/// there are fewer than allowed, or waits behind others. With one connection, calls keep their order, also while it connects.
/// </summary>
internal sealed class KafkaLane(KafkaBroker broker, int connectionsMax)
{
    private readonly Lock _gate = new();
    private readonly List<KafkaConnection> _open = [];
    private readonly Queue<KafkaCall> _waiting = new();
    private int _connecting;
    private bool _isClosed;

    /// <summary>Sends a call, now or once there is a connection. The call ends in any case.</summary>
    public void Start(KafkaCall call)
    {
        KafkaFailure? refusal = null;
        KafkaConnection? connection = null;
        var mustPump = false;
        var mustConnect = false;
        lock (_gate)
        {
            if (_isClosed)
            {
                refusal = KafkaBroker.Closed;
            }
            else if (!TryEnqueue(call, out connection, out mustPump))
            {
                refusal = _connecting == 0 ? broker.RefusalNow() : null;
                if (refusal is null)
                {
                    _waiting.Enqueue(call);
                    mustConnect = _connecting < _waiting.Count && _connecting + _open.Count < connectionsMax;
                    _connecting += mustConnect ? 1 : 0;
                }
            }
        }

        if (refusal is not null)
            call.Fail(refusal);
        if (mustPump)
            connection!.Pump();
        if (mustConnect)
            broker.Own(ConnectAsync());
    }

    public void Check(long now)
    {
        foreach (var connection in Snapshot())
            connection.Check(now);
    }

    /// <summary>Whether one of its connections has waited for an answer for long.</summary>
    public bool IsSilent(long now, double longestMs) => Array.Exists(Snapshot(), connection => connection.IsSilent(now, longestMs));

    /// <summary>Closes what is open; the next call connects again.</summary>
    public void Break(KafkaFailure why)
    {
        foreach (var connection in Snapshot())
            connection.Close(why);
    }

    /// <summary>Takes no more calls; completes once those that were taken have ended.</summary>
    public Task WhenIdleAsync()
    {
        lock (_gate)
            _isClosed = true;
        return Task.WhenAll(Snapshot().Select(static connection => connection.WhenIdleAsync()));
    }

    public Task CloseAsync(KafkaFailure why)
    {
        KafkaCall[] waiting;
        lock (_gate)
        {
            _isClosed = true;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var call in waiting)
            call.Fail(why);
        var open = Snapshot();
        foreach (var connection in open)
            connection.Close(why);
        return Task.WhenAll(open.Select(static connection => connection.Closed));
    }

    private KafkaConnection[] Snapshot()
    {
        lock (_gate)
            return [.. _open];
    }

    // Under the lock. A connection that carries nothing; where no more may be opened, the one that carries least.
    private bool TryEnqueue(KafkaCall call, out KafkaConnection? connection, out bool mustPump)
    {
        mustPump = false;
        connection = null;
        if (_waiting.Count > 0 && connectionsMax == 1)
            return false;
        while (_open.Count > 0)
        {
            connection = Least(out var load);
            if (load > 0 && _open.Count + _connecting < connectionsMax && broker.RefusalNow() is null)
                return false;
            if (connection.TryEnqueue(call, out mustPump))
                return true;
            _open.Remove(connection);
        }

        return false;
    }

    private KafkaConnection Least(out int load)
    {
        var least = _open[0];
        load = least.Load;
        for (var i = 1; i < _open.Count && load > 0; i++)
        {
            if (_open[i].Load is var other && other < load)
                (least, load) = (_open[i], other);
        }

        return least;
    }

    private async Task ConnectAsync()
    {
        var (connection, failure) = await broker.ConnectAsync().ConfigureAwait(false);
        var failed = new List<KafkaCall>();
        var pumps = new List<KafkaConnection>();
        lock (_gate)
        {
            _connecting--;
            if (_isClosed)
                failure = KafkaBroker.Closed;
            else if (connection is not null)
                _open.Add(connection);
            TakeWaiting(pumps, failed);
        }

        foreach (var call in failed)
            call.Fail(failure ?? connection?.Failure ?? KafkaBroker.Closed);
        foreach (var other in pumps)
            other.Pump();
        if (connection is null)
            return;
        if (failure is not null)
            connection.Close(failure);
        await connection.Closed.ConfigureAwait(false);
        lock (_gate)
            _open.Remove(connection);
    }

    // Under the lock. The connections that there are take what waits for one, each its share; nobody else is coming.
    private void TakeWaiting(List<KafkaConnection> pumps, List<KafkaCall> failed)
    {
        while (_waiting.Count > _connecting)
        {
            var call = _waiting.Dequeue();
            var isTaken = false;
            while (!_isClosed && !isTaken && _open.Count > 0)
            {
                var connection = Least(out _);
                isTaken = connection.TryEnqueue(call, out var mustPump);
                if (mustPump)
                    pumps.Add(connection);
                if (!isTaken)
                    _open.Remove(connection);
            }

            if (!isTaken)
                failed.Add(call);
        }
    }
}
