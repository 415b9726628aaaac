using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client;

internal enum CursorStep
{
    Record,
    NeedsChunk,
    AtLimit,
}

/// <summary>
/// Walks over the records of one partition, chunk by chunk, from one offset on. Only the reader moves it; a seek replaces it by
/// another one. A record counts as delivered with <see cref="Accept"/>: before that, the next step shows it again.
/// </summary>
internal sealed class PartitionCursor(TopicPartition partition, long startOffset) : IDisposable
{
    private Chunk _chunk;
    private ReadOnlyMemory<byte> _rest;
    private BatchRecords? _batch;
    private BatchRecords.Enumerator _records;
    private bool _isShown;
    private int _left;
    private long _nextOffset = startOffset;
    private long _heldFrom = long.MaxValue;
    private int _leaderEpoch = -1;
    private int _delivered;

    /// <summary>Chunks that wait behind the one at hand; under the consumer's lock.</summary>
    public Queue<Chunk> Chunks { get; } = new();

    /// <summary>Bytes of all chunks, the one at hand included; under the consumer's lock.</summary>
    public long BufferedBytes { get; set; }

    public bool HasChunk => _chunk.Lease is not null;

    /// <summary>True when the reader has all that was read ahead, and stands in none of it; under the consumer's lock.</summary>
    public bool IsEmpty => !HasChunk && Chunks.Count == 0;

    /// <summary>The consumer's position.</summary>
    public long NextOffset => Volatile.Read(ref _nextOffset);

    /// <summary>First offset that was delivered and that the program still works on; the largest number when there is none.</summary>
    public long HeldFrom
    {
        get => Volatile.Read(ref _heldFrom);
        set => Volatile.Write(ref _heldFrom, value);
    }

    /// <summary>Records that were delivered since this was asked last.</summary>
    public int TakeDelivered()
    {
        var delivered = _delivered;
        _delivered = 0;
        return delivered;
    }

    /// <summary>The program has committed so far itself: that much of what it holds is done.</summary>
    public void HoldFrom(long offset)
    {
        var from = HeldFrom;
        if (from != long.MaxValue && offset > from && offset <= NextOffset)
            Interlocked.CompareExchange(ref _heldFrom, offset, from);
    }

    /// <summary>Epoch of the leader that wrote the last record delivered, or -1.</summary>
    public int LeaderEpoch => Volatile.Read(ref _leaderEpoch);

    /// <summary>Records from here on are not shown.</summary>
    public long Limit { get; set; } = long.MaxValue;

    /// <summary>True when the next step leaves the batch that was read from last.</summary>
    public bool IsBatchExhausted => _left == 0 && !_isShown;

    public ref readonly RecordBatchHeader Header => ref _header;

    private RecordBatchHeader _header;

    /// <summary>Takes the next chunk; returns the bytes of the finished one.</summary>
    public long TakeChunk()
    {
        var finished = ReleaseChunk();
        _chunk = Chunks.Dequeue();
        _rest = _chunk.Batches;
        return finished;
    }

    /// <summary>Gives the finished chunk back; returns its bytes.</summary>
    public long ReleaseChunk()
    {
        CloseBatch();
        var bytes = _chunk.Batches.Length;
        _chunk.Lease?.Release();
        _chunk = default;
        _rest = default;
        BufferedBytes -= bytes;
        return bytes;
    }

    /// <summary>Moves to the next record to deliver.</summary>
    /// <exception cref="CorruptRecordException">The next batch is damaged.</exception>
    public CursorStep Step(in BatchOpenOptions options)
    {
        while (true)
        {
            if (_batch is null)
            {
                if (_nextOffset >= Limit)
                    return CursorStep.AtLimit;
                if (!TryOpenNext(options))
                    return CursorStep.NeedsChunk;
                continue;
            }

            if (!_isShown && !TryMoveInBatch())
                continue;
            if (_records.Current.Offset >= Limit)
                return CursorStep.AtLimit;
            return CursorStep.Record;
        }
    }

    /// <summary>The record that the last step showed.</summary>
    public ref readonly Record Record => ref Shown(ref _records);

    /// <summary>The record was delivered.</summary>
    public void Accept()
    {
        _isShown = false;
        _delivered++;
        _leaderEpoch = _header.PartitionLeaderEpoch;
        Volatile.Write(ref _nextOffset, _records.Current.Offset + 1);
    }

    public void Dispose()
    {
        ReleaseChunk();
        while (Chunks.TryDequeue(out var chunk))
            chunk.Lease.Release();
        BufferedBytes = 0;
    }

    private static ref readonly Record Shown(ref BatchRecords.Enumerator records) => ref records.Current;

    private bool TryMoveInBatch()
    {
        while (_records.MoveNext())
        {
            _left--;
            // The batch that holds the wanted offset may begin before it.
            if (_records.Current.Offset >= _nextOffset)
                return _isShown = true;
        }

        CloseBatch();
        Volatile.Write(ref _nextOffset, Math.Max(_nextOffset, _header.NextOffset));
        return false;
    }

    private bool TryOpenNext(in BatchOpenOptions options)
    {
        if (!RecordBatches.TryTakeNext(ref _rest, out var batch, out var fault))
        {
            if (fault != BatchFault.None)
                throw Damaged(fault);
            return false;
        }

        if (!RecordBatchHeader.TryRead(batch.Span, out _header))
            throw Damaged(BatchFault.TooShort);
        if (_header.NextOffset <= _nextOffset)
            return true; // Wholly before the wanted offset.
        if (_header.IsControl)
        {
            Volatile.Write(ref _nextOffset, _header.NextOffset);
            return true;
        }

        _batch = BatchRecords.Open(batch, options, out var verdict);
        if (_batch is null)
        {
            _rest = Unread(batch);
            throw verdict.Fault == BatchFault.DecompressedTooLarge ? TooLarge(options.MaxDecompressedBytes) : Damaged(verdict.Fault);
        }

        _records = _batch.GetEnumerator();
        _left = _batch.Count;
        return true;
    }

    // A damaged batch stays in front, so that reading on throws again until somebody seeks.
    private ReadOnlyMemory<byte> Unread(ReadOnlyMemory<byte> batch) => _chunk.Batches[^(_rest.Length + batch.Length)..];

    private CorruptRecordException Damaged(BatchFault fault) =>
        new(partition, _nextOffset, $"The batch at offset {_nextOffset} of {partition} is damaged: {fault.Describe()}");

    private CorruptRecordException TooLarge(long maxBytes) => new(
        partition,
        _nextOffset,
        $"The batch at offset {_nextOffset} of {partition} unpacks to more than {nameof(ConsumerOptions.MaxDecompressedBatchBytes)}, which is {maxBytes}",
        ErrorCode.MessageTooLarge);

    private void CloseBatch()
    {
        _isShown = false;
        _left = 0;
        _records = default;
        _batch?.Dispose();
        _batch = null;
    }
}
