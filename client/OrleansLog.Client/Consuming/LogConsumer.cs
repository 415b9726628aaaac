namespace OrleansLog.Client;

/// <summary>The typed face of <see cref="ConsumerCore"/>: turns bytes into keys and values, one record at a time.</summary>
internal sealed partial class LogConsumer<TKey, TValue>(
    ConsumerCore core, TimeProvider time, IDeserializer<TKey> keys, IDeserializer<TValue> values) : ILogConsumer<TKey, TValue>
{
    private readonly IMemoryView<TKey>? _keyView = keys as IMemoryView<TKey>;
    private readonly IMemoryView<TValue>? _valueView = values as IMemoryView<TValue>;

    private ConsumerCore Core => core;

    public IReadOnlyCollection<TopicPartition> Assignment => core.Assignment();

    public IReadOnlyCollection<TopicPartition> Paused => core.Paused();

    public void Assign(IEnumerable<TopicPartition> partitions, StartAt start = default) => core.Assign(partitions, start, isAddition: false);

    public void Assign(TopicPartition partition, StartAt start = default) => core.Assign([partition], start, isAddition: true);

    public bool Unassign(TopicPartition partition) => core.Unassign(partition);

    public void Unassign() => core.Assign([], default, isAddition: false);

    public async ValueTask AssignTopicAsync(string topic, StartAt start = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        core.Assign(await core.PartitionsAsync(topic, cancellationToken).ConfigureAwait(false), start, isAddition: true);
    }

    public void Seek(TopicPartition partition, StartAt start) => core.Seek(partition, start);

    public void Pause(params IEnumerable<TopicPartition> partitions) => core.SetPaused(partitions, isPaused: true);

    public void Resume(params IEnumerable<TopicPartition> partitions) => core.SetPaused(partitions, isPaused: false);

    public long? Position(TopicPartition partition) => core.Position(partition);

    public ValueTask<long> PositionAsync(TopicPartition partition, CancellationToken cancellationToken = default) =>
        core.PositionAsync(partition, cancellationToken);

    public Watermarks? LastWatermarks(TopicPartition partition) => core.LastWatermarks(partition);

    public ValueTask<Watermarks> GetWatermarksAsync(TopicPartition partition, CancellationToken cancellationToken = default) =>
        core.GetWatermarksAsync(partition, cancellationToken);

    public ValueTask<long?> OffsetForTimeAsync(TopicPartition partition, DateTimeOffset time, CancellationToken cancellationToken = default) =>
        core.OffsetForTimeAsync(partition, time, cancellationToken);

    public IAsyncEnumerable<ConsumeResult<TKey, TValue>> ReadAllAsync(CancellationToken cancellationToken = default) =>
        new Reading(this, isBounded: false, cancellationToken);

    public IAsyncEnumerable<ConsumeResult<TKey, TValue>> ReadToEndAsync(CancellationToken cancellationToken = default) =>
        new Reading(this, isBounded: true, cancellationToken);

    public async ValueTask<int> PollAsync(
        List<ConsumeResult<TKey, TValue>> into, int maxRecords, TimeSpan maxWait, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(into);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRecords, 1);
        cancellationToken.ThrowIfCancellationRequested();
        core.BeginReading(null);
        try
        {
            core.ReleaseHeld();
            var started = time.GetTimestamp();
            while (true)
            {
                if (Take(into, maxRecords) is var taken and > 0)
                    return taken;
                var readable = core.ReadableAsync();
                core.Nudge();
                if (Take(into, maxRecords) is var late and > 0)
                    return late;
                var remaining = maxWait - time.GetElapsedTime(started);
                if (remaining <= TimeSpan.Zero)
                    return 0;
                core.IsReaderWaiting = true;
                await readable.WaitAsync(remaining, time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                core.IsReaderWaiting = false;
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            core.EndReading();
        }
    }

    /// <summary>Keeps everything from being delivered, and lets it through again, whatever the assignment; the reader rests meanwhile.</summary>
    public void SetStandingBy(bool isStandingBy) => core.SetStandingBy(isStandingBy);

    public GroupMembership? Membership => core.Membership;

    public IAsyncEnumerable<ConsumeResult<TKey, TValue>> SubscribeAsync(
        Subscription subscription, GroupOptions group, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(group);
        return new Reading(this, isBounded: false, cancellationToken, (subscription, group.Snapshot()));
    }

    public void Subscribe(Subscription subscription, GroupOptions group)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(group);
        core.Subscribe(subscription, group.Snapshot());
    }

    public ValueTask UnsubscribeAsync(CancellationToken cancellationToken = default) => new(core.UnsubscribeAsync(cancellationToken));

    public ValueTask CommitAsync(CancellationToken cancellationToken = default) =>
        new(core.Member().CommitAsync(core.Positions(isDelivered: true), cancellationToken));

    public ValueTask CommitAsync(IEnumerable<TopicPartitionOffset> offsets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        return new(core.Member().CommitAsync([.. offsets], cancellationToken));
    }

    public async ValueTask<IReadOnlyList<CommittedOffset>> CommittedAsync(
        IEnumerable<TopicPartition> partitions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        return await core.Member().CommittedAsync([.. partitions], cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => core.DisposeAsync();

    private int Take(List<ConsumeResult<TKey, TValue>> into, int maxRecords)
    {
        var taken = 0;
        var isBorrowing = _keyView is not null || _valueView is not null;
        while (taken < maxRecords && TryNext(out var record, out var cursor, mayMoveOn: taken == 0 || !isBorrowing))
        {
            into.Add(record);
            taken++;
            // Borrowed memory is that of one batch.
            if (isBorrowing && cursor!.IsBatchExhausted)
                break;
        }

        return taken;
    }

    private bool TryNext(out ConsumeResult<TKey, TValue> result, out PartitionCursor? cursor, bool mayMoveOn = true)
    {
        cursor = core.TryStep(mayMoveOn, out var partition);
        if (cursor is null)
        {
            result = default;
            return false;
        }

        ref readonly var record = ref cursor.Record;
        ref readonly var header = ref cursor.Header;
        TKey key;
        TValue value;
        try
        {
            key = _keyView is null ? keys.Deserialize(record.Key.Span, record.IsKeyNull) : _keyView.View(record.Key, record.IsKeyNull);
        }
        catch (Exception error)
        {
            throw new RecordDeserializationException(partition, record.Offset, isKey: true, error);
        }

        try
        {
            value = _valueView is null
                ? values.Deserialize(record.Value.Span, record.IsValueNull)
                : _valueView.View(record.Value, record.IsValueNull);
        }
        catch (Exception error)
        {
            throw new RecordDeserializationException(partition, record.Offset, isKey: false, error);
        }

        result = new ConsumeResult<TKey, TValue>(
            partition, record.Offset, record.TimestampMs, header.TimestampType, header.PartitionLeaderEpoch, key, value,
            record.HeaderCount == 0 ? null : record.Headers.ToArray());
        core.Deliver(cursor, record.Offset);
        return true;
    }
}
