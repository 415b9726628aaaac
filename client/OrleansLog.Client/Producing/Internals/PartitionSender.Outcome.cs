namespace OrleansLog.Client;

internal sealed partial class PartitionSender
{
    /// <summary>Seals what lingered long enough, reports what took too long; the next time to look, or null when nothing is here.</summary>
    public long? OnTimer(long now)
    {
        List<(ProducerBatch Batch, bool IsUnknown)>? expired = null;
        long? due;
        lock (_gate)
        {
            if (_open is { } open && core.DueAfterLinger(open) <= now)
                Seal(open);
            if (_inFlight is { IsWithBroker: true } sent && core.Deadline(sent) <= now && sent.TryClaimReport())
                (expired ??= []).Add((sent, true));
            while (_sealed.TryPeek(out var waiting) && core.Deadline(waiting) <= now)
            {
                _sealed.Dequeue();
                if (waiting.TryClaimReport())
                    (expired ??= []).Add((waiting, false));
            }

            due = NextDue();
            if (due is null)
                _isScheduled = false;
        }

        foreach (var (batch, isUnknown) in expired ?? [])
        {
            LogException error = isUnknown
                ? new DeliveryUnknownException(TopicPartition, ErrorCode.RequestTimedOut)
                : new DeliveryTimeoutException(TopicPartition, core.Options.DeliveryTimeoutMs);
            Report(batch, default, error);
            if (!isUnknown)
                core.Pool.Return(batch); // The one under way stays the broker's until the transport answers.
        }

        return due;
    }

    /// <summary>Reports everything that is here, now; what is with the broker as unknown.</summary>
    public void Abort()
    {
        var dropped = new List<ProducerBatch>();
        ProducerBatch? inFlight;
        bool isWithBroker;
        lock (_gate)
        {
            _isClosed = true;
            inFlight = _inFlight;
            isWithBroker = inFlight is { IsWithBroker: true } or { MayBeStored: true };
            dropped.AddRange(_first);
            dropped.AddRange(_sealed);
            if (_open is { } open)
                dropped.Add(open);
            _first.Clear();
            _sealed.Clear();
            _open = null;
        }

        if (inFlight is not null)
        {
            Fail(inFlight, isWithBroker
                ? ClosedUnderWay()
                : ProducerCore.Closed());
        }

        foreach (var batch in dropped)
        {
            Fail(batch, ProducerCore.Closed());
            core.Pool.Return(batch);
        }
    }

    private DeliveryUnknownException ClosedUnderWay() =>
        new(TopicPartition, ErrorCode.RequestTimedOut, $"The producer was closed while a record for {TopicPartition} was under way.");

    private long? NextDue()
    {
        long? due = _open is { } open ? Math.Min(core.DueAfterLinger(open), core.Deadline(open)) : null;
        if (_sealed.TryPeek(out var waiting))
            due = Math.Min(due ?? long.MaxValue, core.Deadline(waiting));
        if (_inFlight is { } sent)
            due = Math.Min(due ?? long.MaxValue, Math.Max(core.Deadline(sent), core.Time.GetTimestamp() + core.Ticks(1)));
        return due;
    }

    private void Succeed(ProducerBatch batch, in ProduceResult result)
    {
        if (batch.TryClaimReport())
            Report(batch, result, null);
    }

    private void Fail(ProducerBatch batch, LogException error, RecordRefusals? refusals = null)
    {
        if (batch.TryClaimReport())
            Report(batch, default, error, refusals);
    }

    private void Report(ProducerBatch batch, in ProduceResult result, LogException? error, RecordRefusals? refusals = null)
    {
        var index = 0;
        var offset = error is null ? result.BaseOffset : -1;
        var stampedMs = error is null ? result.LogAppendTimeMs : -1;
        var (name, number) = TopicPartition;
        if (error is null)
            ClientMetrics.Produced(name, batch.Count);
        else
            ClientMetrics.ProduceFailed(name, batch.Count);
        foreach (ref readonly var pending in batch.Waiting)
        {
            error = refusals?.For(index++) ?? error;
            var timestampMs = stampedMs >= 0 ? stampedMs : pending.TimestampMs;
            if (pending.Target is DeliveryHandler handler)
            {
                var report = new DeliveryReport(name, number, offset, timestampMs, error, pending.State);
                try
                {
                    handler(in report);
                }
                catch (Exception thrown)
                {
                    core.Log.HandlerThrew(thrown, TopicPartition);
                }
            }
            else if (pending.Target is DeliverySource source)
            {
                if (error is null)
                    source.SetResult(new DeliveryResult(name, number, offset, timestampMs));
                else
                    source.SetException(error);
            }

            if (offset >= 0)
                offset++;
        }

        lock (_gate)
            batch.MarkReported();
    }
}
