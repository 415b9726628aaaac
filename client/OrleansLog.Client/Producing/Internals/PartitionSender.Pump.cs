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
                batch.MayBeStored |= batch.IsWithBroker || batch.IsClaimed;
                GiveUp(batch, new LogException(ErrorCode.UnknownServerError, $"The producer failed: {error.Message}", error));
            }

            Task reported;
            lock (_gate)
            {
                reported = batch.WhenReported;
                _inFlight = null;
            }

            await reported.ConfigureAwait(false); // Its deadline or the close may be reporting it at this moment, on another thread.
            if (batch.MayBeHeld)
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
        LogException? refusal = null;
        for (var attempt = 0; ; attempt++)
        {
            if (core.RemainingMs(batch) <= 0 || batch.IsClaimed)
            {
                GiveUp(batch, new DeliveryTimeoutException(TopicPartition, core.Options.DeliveryTimeoutMs, refusal));
                return;
            }

            if (await NumberAsync(batch).ConfigureAwait(false) is { } reason)
            {
                refusal = reason;
                if (!reason.IsRetriable)
                {
                    GiveUp(batch, reason);
                    return;
                }
            }
            else
            {
                if (!TryHandOver(batch))
                {
                    Fail(batch, batch.MayBeStored ? ClosedUnderWay() : ProducerCore.Closed());
                    return;
                }

                // Built anew each time: the broker may have written into the header.
                var bytes = batch.Builder.Build();
                var timeoutMs = (int)Math.Clamp(core.RemainingMs(batch), 1, core.Options.RequestTimeoutMs);
                var result = await ProduceAsync(bytes, timeoutMs).ConfigureAwait(false);
                if (IsSettled(batch, bytes, result, ref refusal))
                    return;
                if (await topic.IsGoneAsync(result.Outcome == ProduceOutcome.Unknown ? ErrorCode.NetworkException : result.Error).ConfigureAwait(false))
                {
                    GiveUp(batch, refusal!);
                    return;
                }
            }

            await core.BackoffAsync(attempt, core.RemainingMs(batch)).ConfigureAwait(false);
        }
    }

    /// <summary>What an answer means; false: the batch is to be sent again.</summary>
    private bool IsSettled(ProducerBatch batch, Memory<byte> bytes, in ProduceResult result, ref LogException? refusal)
    {
        if (result.Outcome == ProduceOutcome.Unknown)
        {
            lock (_gate)
            {
                batch.MayBeHeld = batch.MayBeStored = true;
                batch.IsWithBroker = false;
            }

            refusal = LogException.From(result.Error, result.Message, TopicPartition.Topic);
            if (core.Options.IsIdempotent)
                return false;
            Fail(batch, new DeliveryUnknownException(TopicPartition, result.Error, result.Message));
            return true;
        }

        batch.IsWithBroker = false;
        if (result.Outcome == ProduceOutcome.Stored)
        {
            Succeed(batch, result);
            return true;
        }

        refusal = LogException.From(result.Error, result.Message, TopicPartition.Topic);
        switch (result.Error)
        {
            case ErrorCode.DuplicateSequenceNumber:
                // Stored so long ago that the broker does not remember where.
                Succeed(batch, ProduceResult.Success(-1, -1, -1));
                return true;
            case ErrorCode.OutOfOrderSequenceNumber or ErrorCode.UnknownProducerId when batch.IsNumbered:
                // This broker does not have what came before: records were lost there, or an operator deleted them. If it is one that led long
                // ago, an earlier answer of the leader's may be the one that was lost: under another number the batch would be stored twice.
                core.Log.SequenceLost(TopicPartition, result.Error);
                if (!batch.MayBeStored)
                {
                    StartEpoch(batch);
                    return false;
                }

                break;
            case ErrorCode.InvalidProducerEpoch when batch.IsNumbered:
                if (batch.MayBeStored)
                    GiveUp(batch, refusal);
                SpendId(batch);
                return batch.IsClaimed;
            case ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge when batch.Count > 1 && !batch.MayBeStored:
                TakeNumberBack(batch);
                Split(batch, bytes);
                return true;
        }

        if (result.Error.IsRetriable())
            return false;
        GiveUp(batch, refusal, RecordRefusals.Of(result, TopicPartition));
        return true;
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
