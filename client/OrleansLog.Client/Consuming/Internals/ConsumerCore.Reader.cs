using OrleansLog.Protocol.Records;

namespace OrleansLog.Client;

internal sealed partial class ConsumerCore
{
    private readonly BatchOpenOptions _openOptions = new()
    {
        MaxDecompressedBytes = options.MaxDecompressedBatchBytes,
        CheckCrc = options.CheckCrcs,
    };

    private PartitionCursor? _readerCursor;
    private AssignedPartition? _readerPartition;
    private TaskCompletionSource? _readable;
    private Dictionary<TopicPartition, long>? _ends;
    private int _seenVersion = -1;
    private int _isReading;

    /// <summary>One reader at a time.</summary>
    public void BeginReading(Dictionary<TopicPartition, long>? ends)
    {
        if (Interlocked.Exchange(ref _isReading, 1) == 1)
            throw new InvalidOperationException("This consumer is being read already; a consumer has one reader at a time.");
        lock (_gate)
        {
            _ends = ends;
            Changed();
        }
    }

    public void EndReading()
    {
        lock (_gate)
        {
            _ends = null;
            if (_isClosed)
                LeaveCursor();
        }

        Volatile.Write(ref _isReading, 0);
    }

    /// <summary>The next record without waiting; null when there is none now.</summary>
    /// <param name="mayMoveOn">False: only of the chunk at hand, whose memory is in use.</param>
    /// <param name="partition">The record's partition.</param>
    public PartitionCursor? TryStep(bool mayMoveOn, out TopicPartition partition)
    {
        while (true)
        {
            if (Version == _seenVersion && _readerCursor is { } cursor)
            {
                if (cursor.Step(_openOptions) == CursorStep.Record)
                {
                    partition = _readerPartition!.Partition;
                    return cursor;
                }
            }

            if (!mayMoveOn || !TryMoveOn())
            {
                partition = default;
                return null;
            }
        }
    }

    /// <summary>True when a bounded read has delivered everything up to its ends.</summary>
    public bool IsAtEnds()
    {
        lock (_gate)
        {
            if (_ends is null)
                return false;
            foreach (var (partition, end) in _ends)
            {
                if (_assigned.TryGetValue(partition, out var assigned) && !assigned.IsPaused && !(assigned.Position >= end))
                    return false;
            }

            return true;
        }
    }

    /// <summary>Completes when there is something for the reader to look at. Ask, try once more, then await.</summary>
    public Task ReadableAsync()
    {
        lock (_gate)
        {
            ThrowIfClosed();
            _readable ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Version != _seenVersion)
                SignalReader();
            return _readable?.Task ?? Task.CompletedTask;
        }
    }

    // To the next chunk of this partition, or to the next partition that has one; false when nothing is buffered.
    private bool TryMoveOn()
    {
        var freed = false;
        try
        {
            lock (_gate)
            {
                ThrowIfClosed();
                _seenVersion = _version;
                var current = _readerPartition;
                if (IsHeldUp(current))
                    return false;
                if (current is not null && (current.Cursor != _readerCursor || current.IsPaused))
                {
                    LeaveCursor();
                    current = null;
                }

                if (current is not null)
                {
                    var cursor = _readerCursor!;
                    cursor.Limit = End(current);
                    var step = cursor.Step(_openOptions);
                    if (step == CursorStep.Record)
                        return true;
                    if (step == CursorStep.NeedsChunk)
                    {
                        _bufferedBytes -= cursor.ReleaseChunk();
                        freed = true;
                    }

                    LeaveCursor();
                    Enqueue(current);
                }

                return TryEnterNext();
            }
        }
        finally
        {
            if (freed)
                Wake();
        }
    }

    private bool TryEnterNext()
    {
        for (var i = _ready.Count; i > 0; i--)
        {
            var next = _ready.Dequeue();
            next.IsQueued = false;
            if (next.IsPaused || !_assigned.TryGetValue(next.Partition, out var same) || same != next || !next.HasSomething)
                continue;
            if (next.Cursor is not { IsEmpty: false } cursor)
                throw TakeError(next);
            cursor.Limit = End(next);
            if (cursor.NextOffset >= cursor.Limit)
            {
                Enqueue(next); // Kept for the next, unbounded read.
                continue;
            }

            if (!cursor.HasChunk)
                cursor.TakeChunk();
            _readerPartition = next;
            _readerCursor = cursor;
            return true;
        }

        return false;
    }

    private static Exception TakeError(AssignedPartition partition)
    {
        var error = partition.Error!;
        partition.Error = null;
        return error;
    }

    private long End(AssignedPartition partition) =>
        _ends is null ? long.MaxValue : _ends.TryGetValue(partition.Partition, out var end) ? end : 0;

    private void LeaveCursor()
    {
        var cursor = _readerCursor;
        if (cursor?.TakeDelivered() is > 0 and var delivered)
            ClientMetrics.Consumed(_readerPartition!.Partition.Topic, delivered);
        var isDetached = cursor is not null && _readerPartition!.Cursor != cursor;
        _readerCursor = null;
        _readerPartition = null;
        if (isDetached)
            cursor!.Dispose();
    }

    private void Enqueue(AssignedPartition partition)
    {
        if (partition.IsQueued || partition.IsPaused || !partition.HasSomething)
            return;
        partition.IsQueued = true;
        _ready.Enqueue(partition);
    }

    private void SignalReader()
    {
        _readable?.TrySetResult();
        _readable = null;
    }
}
