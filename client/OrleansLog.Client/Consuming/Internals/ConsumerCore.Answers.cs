using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client;

internal sealed partial class ConsumerCore
{
    // Takes in a fetch; true when some error says that the metadata is old.
    private bool Accept((AssignedPartition Partition, int Generation)[] claimed, FetchRequest request, FetchResult result)
    {
        var lease = new FetchLease(result);
        var isStale = false;
        for (var i = 0; i < claimed.Length; i++)
        {
            var (partition, generation) = claimed[i];
            if (partition.Generation != generation)
                continue;
            if (i >= result.Partitions.Length)
            {
                Refused(partition, ErrorCode.UnknownServerError, "The broker's answer lacks partitions that were asked for.");
                continue;
            }

            ref readonly var answer = ref result.Partitions[i];
            if (answer is { Error: ErrorCode.None, Diverging: { } diverging })
                Truncated(partition, diverging.EndOffset);
            else if (answer.Error == ErrorCode.None)
                Take(partition, answer, lease);
            else if (answer.Error == ErrorCode.OffsetOutOfRange)
                Reset(partition, request.Partitions[i].FetchOffset, new Watermarks(answer.LogStartOffset, answer.HighWatermark));
            else if (answer.Error == ErrorCode.CorruptMessage)
                SetError(partition, new CorruptRecordException(partition.Partition, partition.FetchOffset, answer.Message ?? answer.Error.Describe()));
            else
                isStale |= Refused(partition, answer.Error, answer.Message);
        }

        lease.Release();
        return isStale;
    }

    private void Take(AssignedPartition partition, in FetchPartitionResult answer, FetchLease lease)
    {
        partition.IsDraining = false;
        partition.Attempt = 0;
        partition.UnknownSince = 0;
        var isCommitted = options.Isolation == IsolationLevel.ReadCommitted;
        partition.Watermarks = new Watermarks(answer.LogStartOffset, isCommitted ? answer.LastStableOffset : answer.HighWatermark);
        if (answer.Records.IsEmpty)
            return;
        var rest = answer.Records;
        var next = partition.FetchOffset;
        var epoch = partition.LastFetchedEpoch;
        while (RecordBatches.TryTakeNext(ref rest, out var batch, out _))
        {
            if (RecordBatchHeader.TryRead(batch.Span, out var header) && header.NextOffset >= next)
                (next, epoch) = (header.NextOffset, header.PartitionLeaderEpoch < 0 ? null : header.PartitionLeaderEpoch);
        }

        var whole = answer.Records[..(answer.Records.Length - rest.Length)];
        if (next == partition.FetchOffset)
        {
            // Damage behind good batches is met at its place, with the next fetch.
            SetError(partition, new CorruptRecordException(
                partition.Partition, next, $"What was read of {partition.Partition} at offset {next} is not a record batch that goes on from there."));
            return;
        }

        ClientMetrics.Fetched(partition.Partition.Topic, whole.Length);
        lease.Hold();
        partition.FetchOffset = next;
        partition.LastFetchedEpoch = epoch;
        partition.Cursor!.Chunks.Enqueue(new Chunk(lease, whole));
        partition.Cursor.BufferedBytes += whole.Length;
        _bufferedBytes += whole.Length;
        Enqueue(partition);
        SignalReader();
    }

    // The log is another one from there on; what the program had of the old one, it is told of (KIP-320).
    private void Truncated(AssignedPartition partition, long divergingOffset)
    {
        if (!IsHandedOver(partition))
            return;
        var position = partition.Position ?? partition.FetchOffset;
        if (position > divergingOffset)
        {
            if (options.AutoOffsetReset == AutoOffsetReset.None)
            {
                SetError(partition, new LogTruncationException(partition.Partition, position, divergingOffset));
                return;
            }

            client.Log.Truncated(partition.Partition, position, divergingOffset);
        }

        GiveBack(partition.Restart(StartAt.Offset(Math.Min(position, divergingOffset))));
        Changed();
    }

    private void Reset(AssignedPartition partition, long offset, Watermarks watermarks)
    {
        partition.Watermarks = watermarks;
        if (!IsHandedOver(partition))
            return;
        if (options.AutoOffsetReset == AutoOffsetReset.None)
        {
            SetError(partition, new OffsetOutOfRangeException(partition.Partition, offset, watermarks));
            return;
        }

        client.Log.OffsetReset(partition.Partition, offset, watermarks.Low, watermarks.High, options.AutoOffsetReset.ToString());
        GiveBack(partition.Restart(options.AutoOffsetReset == AutoOffsetReset.Earliest ? StartAt.Beginning : StartAt.End));
        Changed();
    }

    // First the reader gets what was read before: while it stands in that, where it has come to is not known here. The question comes again then.
    private static bool IsHandedOver(AssignedPartition partition) => !(partition.IsDraining = partition.Cursor is { IsEmpty: false });

    // A refusal: tried again later, or told to the reader. True when the metadata has to be read again.
    private bool Refused(AssignedPartition partition, ErrorCode error, string? message)
    {
        var isUnknown = error is ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId;
        var now = client.Time.GetTimestamp();
        if (isUnknown && partition.UnknownSince == 0)
            partition.UnknownSince = Math.Max(1, now);
        if (!isUnknown)
            partition.UnknownSince = 0;
        // What a group has assigned, it takes away when the topic is gone.
        var isOver = isUnknown && _member is null && client.Time.GetElapsedTime(partition.UnknownSince, now).TotalMilliseconds >= options.UnknownTopicRetryMs;
        if (isOver || !error.IsRetriable())
        {
            partition.UnknownSince = 0;
            SetError(partition, LogException.From(error, message, partition.Partition.Topic));
            return false;
        }

        BackOff(partition);
        return error.MeansStaleMetadata();
    }

    private bool Failed((AssignedPartition Partition, int Generation)[] claimed, Exception failure)
    {
        foreach (var (partition, generation) in claimed)
        {
            if (partition.Generation != generation || _isClosed)
                continue;
            if (failure is LogException { IsRetriable: true })
                BackOff(partition);
            else
                SetError(partition, failure as LogException ?? new LogException(ErrorCode.UnknownServerError, $"The transport failed: {failure.Message}", failure));
        }

        return failure is LogException lost && lost.Code.MeansStaleMetadata();
    }

    private void BackOff(AssignedPartition partition)
    {
        var delayMs = Backoff.DelayMs(partition.Attempt++, options.RetryBackoffMs, options.RetryBackoffMaxMs);
        partition.RetryAt = client.Time.GetTimestamp() + (long)(delayMs * (client.Time.TimestampFrequency / 1000.0));
    }

    private void SetError(AssignedPartition partition, Exception error)
    {
        BackOff(partition);
        partition.Error = error;
        Enqueue(partition);
        SignalReader();
        _resolved?.TrySetResult();
        _resolved = null;
    }

    private async Task RelearnAsync((AssignedPartition Partition, int Generation)[] claimed)
    {
        foreach (var topic in claimed.Select(static claim => claim.Partition.Partition.Topic).Distinct().ToArray())
            await RefreshAsync(topic).ConfigureAwait(false);
    }

    private async Task<ErrorCode> RefreshAsync(string topic)
    {
        try
        {
            return (await client.Topics.RefreshAsync(topic, _closing.Token).ConfigureAwait(false)).Error;
        }
        catch (LogException error)
        {
            return error.Code;
        }
        catch (OperationCanceledException)
        {
            return ErrorCode.NetworkException;
        }
    }

    // The first time a topic is met, or when its metadata got old.
    private async Task LearnAsync(string topic, (AssignedPartition Partition, int Generation)[] claimed)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var error = await RefreshAsync(topic).ConfigureAwait(false);
        lock (_gate)
        {
            foreach (var (partition, generation) in claimed)
            {
                if (partition.Generation != generation)
                    continue;
                var found = error != ErrorCode.None ? error
                    : Description(partition.Partition) is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None;
                if (found != ErrorCode.None)
                    Refused(partition, found, null);
            }
        }

        Free(claimed);
    }
}
