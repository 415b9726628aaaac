using OrleansLog.Grains.Appending;
using OrleansLog.Grains.Diagnostics;
using OrleansLog.Log;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Grains.Partitions;

/// <summary>What idempotent producers (K5) ask of a leader.</summary>
internal sealed partial class Partition
{
    private long _evictionsReported;

    /// <summary>Forgets producers that have not written for a while, on the appender between two appends.</summary>
    public async Task ExpireProducersAsync(long expirationMs)
    {
        // A table that is empty at this moment has nobody to forget.
        if (Log.Producers.Count == 0)
            return;

        var evicted = await CallAsync("the expiry of producers", () =>
        {
            Log.Producers.Expire(_broker.NowMs, expirationMs);
            return Log.Producers.Evicted;
        }).ConfigureAwait(false);
        if (evicted > _evictionsReported)
            _broker.Logger.ProducersEvicted(Name, evicted - _evictionsReported);

        _evictionsReported = evicted;
    }

    /// <summary>Asks the producer's state, which looks ahead to what of the group comes before.</summary>
    private ErrorCode CheckProducer(AppendRequest request, long baseOffset, out bool isDuplicate)
    {
        isDuplicate = false;
        if (!RecordBatchHeader.TryRead(request.Batch.Span, out var header))
            return ErrorCode.CorruptMessage;

        var check = Log.Producers.Check(header, baseOffset);
        if (check.IsDuplicate)
        {
            isDuplicate = true;
            request.IsRepetitionOf(check);
        }

        // The batch before it was refused a moment ago, when this broker did not lead: it is to come again behind it. Told of a gap,
        // librdkafka would begin a new epoch in all partitions and store again what is there already (librdkafka issue 4953). Any other
        // gap is told as one: sarama asks again at once where it is told of no leader, and never hears that a record is lost.
        if (check.Error == ErrorCode.OutOfOrderSequenceNumber && Log.Producers.IsFirstAndAhead(header, _state.EpochStartOffset)
            && _broker.Refused.Precede(Name, header))
        {
            return ErrorCode.NotLeaderOrFollower;
        }

        return check.Error;
    }

    /// <summary>A repetition is answered when the first one would be: once that is stored as this one's acks ask.</summary>
    private void AcknowledgeDuplicates(AppendScratch scratch)
    {
        scratch.Decisions.Clear();
        lock (_gate)
        {
            while (scratch.Duplicates.TryDequeue(out var request))
            {
                _broker.Metrics.Duplicate(TopicTag);
                if (!_state.IsOpen)
                    scratch.Decisions.Acks.Add(new(request, ErrorCode.KafkaStorageError));
                else if (_state.MustWait(request.NextOffset, request.Acks, request))
                    _broker.Wheel.Schedule(request, request.TimeoutMs);
                else
                    scratch.Decisions.Acks.Add(new(request, ErrorCode.None));
            }
        }

        CarryOut(scratch.Decisions);
    }

    private void RefuseAfterFailedWrite(AppendScratch scratch, in AppendOutcome outcome)
    {
        // S8: after a cut that worked nothing of the group is in the log; after one that failed nobody knows.
        var failure = outcome.Error ?? Log.Failure;
        var isCut = outcome.Status == AppendStatus.DiskError && Log.Failure is null;
        if (failure is not null)
            Directory.OnWriteError(failure, this);

        var message = $"{Name}: {StatusMessage}";
        // A repetition of something in this group shares its fate; one of what was stored before does not.
        var logEndOffset = outcome.LogEndOffset;
        for (var left = scratch.Duplicates.Count; left > 0; left--)
        {
            var repetition = scratch.Duplicates.Dequeue();
            (repetition.BaseOffset >= logEndOffset ? scratch.Accepted : scratch.Duplicates).Enqueue(repetition);
        }

        while (scratch.Accepted.TryDequeue(out var request))
        {
            _broker.Metrics.ProduceFailed(TopicTag);
            request.Complete(ErrorCode.KafkaStorageError, isCut ? ProduceOutcome.NotStored : ProduceOutcome.Unknown, -1, message);
        }
    }
}
