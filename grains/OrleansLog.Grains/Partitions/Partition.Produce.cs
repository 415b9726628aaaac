using System.Diagnostics;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Partition;
using OrleansLog.Grains.Appending;
using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Grains.Partitions;

internal sealed partial class Partition
{
    /// <summary>Checks a batch on the caller's thread and queues it; completes when it is acknowledged as asked.</summary>
    /// <param name="request">The batch.</param>
    /// <param name="isAwaitedBriefly">As <see cref="LocalBroker.ProduceAsync"/> has it.</param>
    public ValueTask<ProduceResult> ProduceAsync(ProduceRequest request, bool isAwaitedBriefly = false)
    {
        var error = CheckProduce((AckLevel)request.Acks, request.CurrentLeaderEpoch, out var message);
        if (error != ErrorCode.None)
        {
            if (error == ErrorCode.NotLeaderOrFollower)
                _broker.Refused.Add(Name, request.Batch.Span);

            return Refused(ProduceResult.Failure(error, ProduceOutcome.NotStored, message));
        }

        if (!BatchIntake.TryCheck(request.Batch, _settings, _broker.NowMs, out var batch, out var refusal))
            return Refused(refusal with { Message = $"{Name}: {refusal.Message}" });

        var append = _broker.Requests.Rent();
        append.Begin(this, request, batch, Math.Min(request.TimeoutMs, _broker.RequestWaitMaxMs), isAwaitedBriefly);
        var task = append.Task;
        if (!_admission.TryAdmit(append))
        {
            append.Complete(
                ErrorCode.ThrottlingQuotaExceeded, ProduceOutcome.NotStored, -1,
                "Too many batches wait for the disk (orleanslog.appender.queue.max.bytes); send it again later.");
        }

        return task;
    }

    /// <summary>Hands an admitted append to the partition's appender.</summary>
    public void Enqueue(AppendRequest request)
    {
        if (!_appender.TryEnqueue(request))
            request.Complete(ErrorCode.NotLeaderOrFollower, ProduceOutcome.NotStored, -1, "The broker is stopping.");
    }

    /// <summary>On the appender: takes an append into the group; true for the first of a group.</summary>
    public bool Gather(AppendRequest request)
    {
        _gathered.Add(request);
        return _gathered.Count == 1;
    }

    /// <summary>On the appender: writes the group and answers what can be answered. Returns the bytes that leave the queue; throws nothing.</summary>
    public long AppendGathered(AppendScratch scratch)
    {
        scratch.Clear();
        var bytes = 0L;
        foreach (var request in _gathered)
            bytes += request.QueuedBytes;

        try
        {
            Admit(scratch);
            if (scratch.Accepted.Count > 0)
                Write(scratch);

            if (scratch.Duplicates.Count > 0)
                AcknowledgeDuplicates(scratch);

            Refuse(scratch);
        }
        catch (Exception e)
        {
            Fail(e, "an append");
            AnswerTheRest(scratch);
        }

        return bytes;
    }

    /// <summary>Its time ran out, while it waited for room in the queue or for its acknowledgement.</summary>
    public void OnAppendTimeout(AppendRequest request, int generation)
    {
        if (_admission.Withdraw(request, generation))
        {
            request.Complete(
                ErrorCode.RequestTimedOut, ProduceOutcome.NotStored, -1,
                "No room in the queue to the disk within the request's timeout (orleanslog.appender.queue.max.bytes).");
            return;
        }

        lock (_gate)
        {
            if (request.Generation != generation || !_state.Withdraw(request))
                return;
        }

        _broker.Metrics.ProduceFailed(TopicTag);
        request.Complete(
            ErrorCode.RequestTimedOut, ProduceOutcome.Unknown, -1,
            $"{Name}: the batch was appended but not acknowledged within {request.TimeoutMs} ms.");
    }

    private ValueTask<ProduceResult> Refused(in ProduceResult refusal)
    {
        _broker.Metrics.ProduceFailed(TopicTag);
        return new(refusal);
    }

    private ErrorCode CheckProduce(AckLevel acks, int currentLeaderEpoch, out string? message)
    {
        var error = Directory.RefusesAppends ? ErrorCode.KafkaStorageError : ErrorCode.None;
        if (error == ErrorCode.None)
        {
            lock (_gate)
                error = _state.CheckProduce(acks, currentLeaderEpoch);
        }

        message = error == ErrorCode.None ? null : RefusalMessage(error);
        return error;
    }

    private string RefusalMessage(ErrorCode error) =>
        error == ErrorCode.KafkaStorageError ? $"{Name}: {StatusMessage}" : $"{Name}: {error.Describe()}";

    /// <summary>Asks again whether each append may go in: much may have happened while it waited in the queue.</summary>
    private void Admit(AppendScratch scratch)
    {
        var directoryRefuses = Directory.RefusesAppends;
        var nextOffset = Log.LogEndOffset;
        Log.Producers.BeginGroup();
        lock (_gate)
        {
            foreach (var request in _gathered)
            {
                var error = directoryRefuses ? ErrorCode.KafkaStorageError : _state.CheckProduce(request.Acks, request.CurrentLeaderEpoch);
                var isDuplicate = false;
                if (error == ErrorCode.None && request.ProducerId >= 0)
                    error = CheckProducer(request, nextOffset, out isDuplicate);
                else if (error == ErrorCode.NotLeaderOrFollower)
                    _broker.Refused.Add(Name, request.Batch.Span);

                if (error != ErrorCode.None)
                {
                    scratch.Refused.Enqueue((request, error));
                }
                else if (isDuplicate)
                {
                    scratch.Duplicates.Enqueue(request);
                }
                else
                {
                    scratch.Accepted.Enqueue(request);
                    scratch.Batches.Add(request.Batch);
                    nextOffset += request.RecordCount;
                }
            }
        }

        _gathered.Clear();
    }

    private void Refuse(AppendScratch scratch)
    {
        while (scratch.Refused.TryDequeue(out var refused))
        {
            _broker.Metrics.ProduceFailed(TopicTag);
            refused.Request.Complete(refused.Error, ProduceOutcome.NotStored, -1, RefusalMessage(refused.Error));
        }
    }

    private void Write(AppendScratch scratch)
    {
        var started = Stopwatch.GetTimestamp();
        var baseOffsets = scratch.BaseOffsetsFor(scratch.Batches.Count);
        var outcome = Log.Append(
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(scratch.Batches), _state.LeaderEpoch, _broker.NowMs, baseOffsets);
        if (outcome.Status != AppendStatus.Appended)
        {
            RefuseAfterFailedWrite(scratch, outcome);
            return;
        }

        var batches = 0;
        var records = 0;
        foreach (var request in scratch.Accepted)
        {
            request.BaseOffset = baseOffsets[batches++];
            records += request.RecordCount;
        }

        _broker.Metrics.Appended(TopicTag, batches, records, outcome.Bytes, Stopwatch.GetElapsedTime(started));
        ArmIntervalFlush();
        Acknowledge(scratch, outcome);
        ScheduleFlush(outcome.Rolled);
    }

    private void Acknowledge(AppendScratch scratch, in AppendOutcome outcome)
    {
        try
        {
            lock (_gate)
                Take(scratch, outcome);
        }
        finally
        {
            CarryOut(scratch.Decisions);
        }
    }

    /// <summary>Under the lock: the group is in the log.</summary>
    private void Take(AppendScratch scratch, in AppendOutcome outcome)
    {
        if (!_state.IsOpen)
        {
            // The directory failed while the group was written: it may or may not come back with the log.
            while (scratch.Accepted.TryDequeue(out var lost))
                scratch.Decisions.Acks.Add(new(lost, ErrorCode.KafkaStorageError));

            return;
        }

        _state.Appended(outcome.LogEndOffset, outcome.Bytes, scratch.Decisions);
        NotifyReplicas();
        while (scratch.Accepted.TryDequeue(out var request))
        {
            // Scheduled before anybody can answer it: an answer cancels the timeout.
            if (_state.MustWait(request.NextOffset, request.Acks, request))
                _broker.Wheel.Schedule(request, request.TimeoutMs);
            else
                scratch.Decisions.Acks.Add(new(request, ErrorCode.None));
        }

        WakeFetchers(scratch.Decisions);
    }

    /// <summary>Before the acknowledgement: the time runs from when the caller may learn that the batch is stored.</summary>
    private void ArmIntervalFlush()
    {
        if (_settings is { FlushPolicy: FlushPolicy.Interval, FlushMs: not long.MaxValue and var flushMs })
            _intervalFlush.Arm(_broker.Wheel, flushMs);
    }

    private void ScheduleFlush(bool rolled)
    {
        var settings = _settings;
        switch (settings.FlushPolicy)
        {
            case FlushPolicy.Ack:
                Directory.Flusher.Request(this);
                break;
            case FlushPolicy.Interval when Log.UnflushedMessages >= settings.FlushMessages:
                Directory.Flusher.Request(this);
                break;
        }

        // The recovery point has to follow the segments, or a start after a crash would scan all of them.
        if (rolled)
            Directory.Flusher.Request(this);
    }
}
