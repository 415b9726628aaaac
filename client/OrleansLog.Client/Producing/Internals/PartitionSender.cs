namespace OrleansLog.Client;

internal enum AppendStatus
{
    Appended,
    NoRoom,
    Closed,
}

/// <summary>
/// The records of one partition: an open batch that callers append to under a short lock, sealed ones behind it, and a pump that
/// sends one at a time, so that a retry never overtakes (S9). The pump runs on the pool while there is something to send.
/// </summary>
internal sealed partial class PartitionSender(ProducerCore core, ProducerTopic topic, int partition) : IThreadPoolWorkItem
{
    private const int FirstReserveBytes = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<ProducerBatch> _sealed = new();
    private readonly Stack<ProducerBatch> _first = new();
    private ProducerBatch? _open;
    private ProducerBatch? _inFlight;
    private bool _isPumping;
    private bool _isScheduled;
    private bool _isClosed;

    public TopicPartition TopicPartition { get; } = new(topic.Name, partition);

    public AppendStatus TryAppend(in RecordBytes record, in Pending pending)
    {
        lock (_gate)
        {
            if (_isClosed)
                return AppendStatus.Closed;
            var bytes = record.MaxBytes();
            if (_open is { } open)
            {
                if (!TryReserve(open, bytes))
                {
                    Seal(open);
                    return AppendStatus.NoRoom;
                }

                if (open.TryAppend(record, pending))
                    return AppendStatus.Appended;
                Seal(open);
            }

            return TryOpen(record, pending, bytes) ? AppendStatus.Appended : AppendStatus.NoRoom;
        }
    }

    /// <summary>Sends what is open without waiting for more.</summary>
    public void SealOpen()
    {
        lock (_gate)
        {
            if (_open is { } open)
                Seal(open);
        }
    }

    /// <summary>Seals, and completes once everything that is here now was reported.</summary>
    public Task FlushAsync()
    {
        lock (_gate)
        {
            if (_open is { } open)
                Seal(open);
            return Last()?.WhenReported ?? Task.CompletedTask;
        }
    }

    private ProducerBatch? Last()
    {
        ProducerBatch? last = _inFlight;
        if (_first.Count > 0)
            last = _first.ToArray()[^1];
        foreach (var batch in _sealed)
            last = batch;
        return last;
    }

    private bool TryOpen(in RecordBytes record, in Pending pending, long bytes)
    {
        var reserve = Math.Max(bytes + Protocol.Records.RecordBatchHeader.Size, Math.Min(FirstReserveBytes, core.Options.BatchBytes));
        if (!core.Memory.TryReserve(reserve))
            return false;
        var batch = core.Pool.Rent();
        batch.ReservedBytes = reserve;
        batch.Start(core.Time.GetTimestamp());
        if (!batch.TryAppend(record, pending))
            throw new InvalidOperationException("An empty batch refused a record.");
        _open = batch;
        if (core.Options.LingerMs == 0)
            StartPump();
        Schedule(core.DueAfterLinger(batch));
        return true;
    }

    private bool TryReserve(ProducerBatch batch, long bytes)
    {
        var needed = batch.Builder.EstimatedBytes + bytes;
        if (needed <= batch.ReservedBytes || needed > core.Options.BatchBytes)
            return true; // In the second case the batch is full, and the next one reserves for itself.
        var wanted = Math.Min(Math.Max(needed, batch.ReservedBytes * 2), core.Options.BatchBytes);
        if (!core.Memory.TryReserve(wanted - batch.ReservedBytes))
            return false;
        batch.ReservedBytes = wanted;
        return true;
    }

    private void Seal(ProducerBatch open)
    {
        _open = null;
        _sealed.Enqueue(open);
        topic.BatchSealed(partition, open.Builder.EstimatedBytes);
        StartPump();
    }

    private void StartPump()
    {
        if (_isPumping)
            return;
        _isPumping = true;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void Schedule(long due)
    {
        if (!_isScheduled)
        {
            _isScheduled = true;
            core.Timers.Add(this);
        }

        core.Timers.WakeBy(due);
    }
}
