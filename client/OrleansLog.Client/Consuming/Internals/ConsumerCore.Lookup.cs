using OrleansLog.Protocol;

namespace OrleansLog.Client;

internal sealed partial class ConsumerCore
{
    // Turns starts by time or at an end into offsets.
    private async Task LookUpAsync((AssignedPartition Partition, int Generation)[] claimed)
    {
        var queries = new ListOffsetsQuery[claimed.Length];
        var starts = new StartAt[claimed.Length];
        for (var i = 0; i < claimed.Length; i++)
        {
            starts[i] = Effective(claimed[i].Partition.Start ?? StartAt.Default);
            queries[i] = new ListOffsetsQuery(claimed[i].Partition.Partition, Timestamp(starts[i]));
        }

        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var isStale = false;
        try
        {
            var answers = await client.Transport.ListOffsetsAsync(queries, options.Isolation, _closing.Token).ConfigureAwait(false);
            var more = await SecondLookAsync(claimed, starts, answers).ConfigureAwait(false);
            lock (_gate)
                isStale = Resolve(claimed, starts, answers, more);
        }
        catch (Exception error)
        {
            lock (_gate)
                isStale = Failed(claimed, error);
        }

        if (isStale)
            await RelearnAsync(claimed).ConfigureAwait(false);
        Free(claimed);
    }

    private StartAt Effective(StartAt start) => start.Kind != StartKind.Default ? start
        : options.AutoOffsetReset == AutoOffsetReset.Earliest ? StartAt.Beginning : StartAt.End;

    private static long Timestamp(StartAt start) => start.Kind switch
    {
        StartKind.Beginning => OffsetSpec.Earliest,
        StartKind.Timestamp => start.Argument,
        _ => OffsetSpec.Latest,
    };

    // A time after the last record means the end; so many before the end must not go before the beginning.
    private async ValueTask<ListOffsetsResult[]?> SecondLookAsync(
        (AssignedPartition Partition, int Generation)[] claimed, StartAt[] starts, ListOffsetsResult[] answers)
    {
        ListOffsetsQuery[]? queries = null;
        for (var i = 0; i < answers.Length; i++)
        {
            var isLate = starts[i].Kind == StartKind.Timestamp && answers[i] is { Error: ErrorCode.None, Offset: < 0 };
            if (!isLate && starts[i].Kind != StartKind.BeforeEnd)
                continue;
            queries ??= [.. claimed.Select(static claim => new ListOffsetsQuery(claim.Partition.Partition, OffsetSpec.Latest))];
            if (!isLate)
                queries[i] = queries[i] with { TimestampMs = OffsetSpec.Earliest };
        }

        return queries is null ? null : await client.Transport.ListOffsetsAsync(queries, options.Isolation, _closing.Token).ConfigureAwait(false);
    }

    private bool Resolve(
        (AssignedPartition Partition, int Generation)[] claimed, StartAt[] starts, ListOffsetsResult[] answers, ListOffsetsResult[]? more)
    {
        var isStale = false;
        for (var i = 0; i < claimed.Length; i++)
        {
            var (partition, generation) = claimed[i];
            if (partition.Generation != generation)
                continue;
            var start = starts[i];
            var needsMore = start.Kind == StartKind.BeforeEnd || (start.Kind == StartKind.Timestamp && answers[i].Offset < 0);
            var error = answers[i].Error != ErrorCode.None || !needsMore ? answers[i].Error : more![i].Error;
            if (error != ErrorCode.None)
            {
                isStale |= Refused(partition, error, null);
                continue;
            }

            if (options.AutoOffsetReset == AutoOffsetReset.None && partition.Start is { Kind: StartKind.Default })
            {
                SetError(partition, new LogException(ErrorCode.OffsetOutOfRange, $"{partition.Partition} has no offset to start at: name one, or set AutoOffsetReset."));
                continue;
            }

            partition.Attempt = 0;
            partition.UnknownSince = 0;
            partition.Resolve(
                !needsMore ? answers[i].Offset
                : start.Kind == StartKind.BeforeEnd ? Math.Max(more![i].Offset, answers[i].Offset - start.Argument)
                : more![i].Offset);
        }

        Changed();
        return isStale;
    }

    /// <summary>Looks offsets up, with retries within <see cref="ConsumerOptions.ApiTimeoutMs"/>.</summary>
    public async Task<ListOffsetsResult[]> ListOffsetsAsync(ListOffsetsQuery[] queries, CancellationToken cancellationToken)
    {
        var started = client.Time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            LogException failure;
            try
            {
                var answers = await client.Transport.ListOffsetsAsync(queries, options.Isolation, cancellationToken).ConfigureAwait(false);
                var bad = Array.FindIndex(answers, static answer => answer.Error != ErrorCode.None);
                if (bad < 0)
                    return answers;
                failure = LogException.From(answers[bad].Error, null, queries[bad].Partition.Topic);
                if (answers[bad].Error.MeansStaleMetadata())
                    await client.Topics.RefreshAsync(queries[bad].Partition.Topic, cancellationToken).ConfigureAwait(false);
            }
            catch (LogException error)
            {
                failure = error;
            }

            var limitMs = failure is UnknownTopicException ? Math.Min(options.UnknownTopicRetryMs, options.ApiTimeoutMs) : options.ApiTimeoutMs;
            if ((failure is not UnknownTopicException && !failure.IsRetriable)
                || client.Time.GetElapsedTime(started).TotalMilliseconds >= limitMs)
            {
                throw failure;
            }

            await Backoff.WaitAsync(attempt, options.RetryBackoffMs, options.RetryBackoffMaxMs, client.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<Watermarks> GetWatermarksAsync(TopicPartition partition, CancellationToken cancellationToken)
    {
        var answers = await ListOffsetsAsync([new(partition, OffsetSpec.Earliest), new(partition, OffsetSpec.Latest)], cancellationToken).ConfigureAwait(false);
        return new Watermarks(answers[0].Offset, answers[1].Offset);
    }

    public async ValueTask<long?> OffsetForTimeAsync(TopicPartition partition, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var answers = await ListOffsetsAsync([new(partition, Math.Max(0, time.ToUnixTimeMilliseconds()))], cancellationToken).ConfigureAwait(false);
        return answers[0].Offset >= 0 ? answers[0].Offset : null;
    }

    public async Task<Dictionary<TopicPartition, long>> EndsAsync(CancellationToken cancellationToken)
    {
        ListOffsetsQuery[] queries;
        lock (_gate)
        {
            ThrowIfClosed();
            queries = [.. _assigned.Keys.Select(static partition => new ListOffsetsQuery(partition, OffsetSpec.Latest))];
        }

        var ends = new Dictionary<TopicPartition, long>();
        if (queries.Length == 0)
            return ends;
        var answers = await ListOffsetsAsync(queries, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < queries.Length; i++)
            ends[queries[i].Partition] = answers[i].Offset;
        return ends;
    }

    public async Task<TopicPartition[]> PartitionsAsync(string topic, CancellationToken cancellationToken)
    {
        var started = client.Time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            LogException failure;
            try
            {
                var found = await client.Topics.RefreshAsync(topic, cancellationToken).ConfigureAwait(false);
                if (found.Error == ErrorCode.None)
                    return [.. found.Partitions.Select(partition => new TopicPartition(topic, partition.Partition))];
                failure = LogException.From(found.Error, null, topic);
            }
            catch (LogException error)
            {
                failure = error;
            }

            var limitMs = failure is UnknownTopicException ? Math.Min(options.UnknownTopicRetryMs, options.ApiTimeoutMs) : options.ApiTimeoutMs;
            if ((failure is not UnknownTopicException && !failure.IsRetriable)
                || client.Time.GetElapsedTime(started).TotalMilliseconds >= limitMs)
            {
                throw failure;
            }

            await Backoff.WaitAsync(attempt, options.RetryBackoffMs, options.RetryBackoffMaxMs, client.Time, cancellationToken).ConfigureAwait(false);
        }
    }
}
