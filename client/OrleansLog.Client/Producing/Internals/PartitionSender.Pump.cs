using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client;

internal sealed partial class PartitionSender
{
    /// <summary>The pump, on the pool.</summary>
    void IThreadPoolWorkItem.Execute() => core.Own(PumpAsync());

    private async Task PumpAsync()
    {
        while (TryTakeNext() is { } batch)
        {
            try
            {
                await SendAsync(batch).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                Fail(batch, new LogException(ErrorCode.UnknownServerError, $"The producer failed: {error.Message}", error));
            }

            Task reported;
            lock (_gate)
            {
                reported = batch.WhenReported;
                _inFlight = null;
            }

            await reported.ConfigureAwait(false); // Its deadline or the close may be reporting it at this moment, on another thread.
            if (batch.IsWithBroker)
                core.Pool.Abandon(batch);
            else
                core.Pool.Return(batch);
        }
    }

    private ProducerBatch? TryTakeNext()
    {
        lock (_gate)
        {
            if (!_first.TryPop(out var batch) && !_sealed.TryDequeue(out batch))
            {
                // Without linger, what gathered while the last batch was under way is the next one.
                if (core.Options.LingerMs == 0 && _open is { } open)
                {
                    _open = null;
                    topic.BatchSealed(partition, open.Builder.EstimatedBytes);
                    batch = open;
                }
                else
                {
                    _isPumping = false;
                    return null;
                }
            }

            return _inFlight = batch;
        }
    }

    private async Task SendAsync(ProducerBatch batch)
    {
        topic.RefreshIfOld();
        var bytes = batch.Builder.Build();
        LogException? refusal = null;
        for (var attempt = 0; ; attempt++)
        {
            var remainingMs = core.RemainingMs(batch);
            if (remainingMs <= 0)
            {
                Fail(batch, new DeliveryTimeoutException(TopicPartition, core.Options.DeliveryTimeoutMs, refusal));
                return;
            }

            if (!TryHandOver(batch))
            {
                Fail(batch, ProducerCore.Closed());
                return;
            }

            var result = await ProduceAsync(bytes, (int)Math.Min(remainingMs, core.Options.RequestTimeoutMs)).ConfigureAwait(false);
            if (result.Outcome != ProduceOutcome.Unknown)
                batch.IsWithBroker = false;
            if (result.Outcome == ProduceOutcome.Stored)
            {
                Succeed(batch, result);
                return;
            }

            if (result.Outcome == ProduceOutcome.Unknown)
            {
                Fail(batch, new DeliveryUnknownException(TopicPartition, result.Error, result.Message));
                return;
            }

            if (result.Error is ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge && batch.Count > 1)
            {
                Split(batch, bytes);
                return;
            }

            refusal = LogException.From(result.Error, result.Message, TopicPartition.Topic);
            if (!result.Error.IsRetriable())
            {
                Fail(batch, refusal);
                return;
            }

            if (await topic.IsGoneAsync(result.Error).ConfigureAwait(false))
            {
                Fail(batch, refusal);
                return;
            }

            await core.BackoffAsync(attempt, core.RemainingMs(batch)).ConfigureAwait(false);
            bytes = batch.Builder.Build(); // The broker may have written into the header.
        }
    }

    private bool TryHandOver(ProducerBatch batch)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            batch.IsWithBroker = true;
            return true;
        }
    }

    private async ValueTask<ProduceResult> ProduceAsync(Memory<byte> bytes, int timeoutMs)
    {
        try
        {
            return await core.Transport.ProduceAsync(
                new ProduceRequest { Partition = TopicPartition, Batch = bytes, Acks = core.Options.Acks, TimeoutMs = timeoutMs },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // A transport that throws says nothing about the batch.
            core.Log.TransportThrew(error, TopicPartition);
            return ProduceResult.Failure(ErrorCode.UnknownServerError, ProduceOutcome.Unknown, error.Message);
        }
    }

    // The topic takes smaller batches than BatchBytes: halve, in order, in front of what waits.
    private void Split(ProducerBatch batch, Memory<byte> bytes)
    {
        using var records = BatchRecords.Open(bytes, int.MaxValue, out var error)
            ?? throw new LogException(error, "A batch of this producer cannot be read back.");
        var half = batch.Count / 2;
        ProducerBatch[] parts = [core.Pool.Rent(), core.Pool.Rent()];
        foreach (var part in parts)
            part.Start(batch.StartedAt);
        var index = 0;
        foreach (ref readonly var record in records)
        {
            var moved = new RecordBytes
            {
                TimestampMs = record.TimestampMs,
                Key = record.Key.Span,
                KeyIsNull = record.IsKeyNull,
                Value = record.Value.Span,
                ValueIsNull = record.IsValueNull,
                Headers = record.Headers.ToArray(),
            };
            if (!parts[index < half ? 0 : 1].TryAppend(moved, batch.Waiting[index]))
                throw new InvalidOperationException("Half of a batch did not fit into a batch.");
            index++;
        }

        foreach (var part in parts)
        {
            part.ReservedBytes = part.Builder.EstimatedBytes;
            core.Memory.ForceReserve(part.ReservedBytes);
        }

        if (!batch.TryClaimReport())
        {
            // It was reported while it was split.
            core.Pool.Return(parts[0]);
            core.Pool.Return(parts[1]);
            return;
        }

        lock (_gate)
        {
            batch.LeaveTo(parts[1]);
            _first.Push(parts[1]);
            _first.Push(parts[0]);
        }
    }
}
