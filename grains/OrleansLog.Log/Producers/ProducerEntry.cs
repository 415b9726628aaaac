using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

/// <summary>What a partition knows of a producer: its epoch, its last batches, its open transaction. A value, so that it can be set back.</summary>
internal struct ProducerEntry
{
    internal const short NoEpoch = -1;

    private ProducerBatches _batches;

    public ProducerEntry()
    {
    }

    internal short Epoch { get; private set; } = NoEpoch;

    internal int Count { get; private set; }

    /// <summary>The largest timestamp of the last batch, or that of the last marker.</summary>
    internal long LastTimestampMs { get; private set; } = -1;

    /// <summary>Epoch of the transaction coordinator that wrote the last marker, or -1.</summary>
    internal int CoordinatorEpoch { get; private set; } = -1;

    /// <summary>First offset of the open transaction, or -1.</summary>
    internal long TransactionFirstOffset { get; private set; } = -1;

    internal readonly bool IsKnown => Epoch != NoEpoch;

    internal readonly ProducerBatch Last => Count > 0 ? _batches[Count - 1] : new ProducerBatch(-1, 0, -1, -1);

    /// <summary>Whether a batch may follow (KIP-98, KIP-360): the next sequence, or 0 in a newer epoch, or anything where nothing is known.</summary>
    internal readonly ProducerCheck Check(in RecordBatchHeader header)
    {
        if (header.ProducerEpoch == Epoch)
        {
            for (int i = Count - 1; i >= 0; i--)
            {
                ProducerBatch batch = _batches[i];
                if (batch.LastSequence == header.LastSequence && batch.BaseSequence == header.BaseSequence)
                    return new ProducerCheck(ErrorCode.None, batch.BaseOffset, batch.TimestampMs);
            }
        }

        if (!IsKnown)
            return new ProducerCheck(ErrorCode.None);
        if (header.ProducerEpoch < Epoch)
            return new ProducerCheck(ErrorCode.InvalidProducerEpoch);
        int expected = header.ProducerEpoch != Epoch ? 0 : (int)((Last.LastSequence + 1L) & int.MaxValue);
        if (header.BaseSequence != expected)
            return new ProducerCheck(ErrorCode.OutOfOrderSequenceNumber);
        return new ProducerCheck(TransactionFirstOffset >= 0 && !header.IsTransactional ? ErrorCode.InvalidTxnState : ErrorCode.None);
    }

    /// <summary>Whether sequences are missing between what is known and a batch; not where a batch comes late.</summary>
    internal readonly bool IsGapBefore(in RecordBatchHeader header)
    {
        if (!IsKnown || header.ProducerEpoch < Epoch)
            return false;
        if (header.ProducerEpoch != Epoch)
            return header.BaseSequence > 0;
        int missing = (int)((header.BaseSequence - (Last.LastSequence + 1L)) & int.MaxValue);
        return missing is > 0 and < int.MaxValue / 2;
    }

    /// <summary>A batch of data is in the log; it was checked by the leader that took it.</summary>
    internal void Add(in RecordBatchHeader header)
    {
        TakeEpoch(header.ProducerEpoch);
        if (Count == ProducerBatches.Capacity)
            DropOldest();
        _batches[Count++] = ProducerBatch.Of(header);
        LastTimestampMs = header.MaxTimestamp;
        if (header.IsTransactional && TransactionFirstOffset < 0)
            TransactionFirstOffset = header.BaseOffset;
    }

    /// <summary>A marker that ends a transaction is in the log.</summary>
    internal void End(in RecordBatchHeader header, int coordinatorEpoch)
    {
        TakeEpoch(header.ProducerEpoch);
        LastTimestampMs = header.MaxTimestamp;
        CoordinatorEpoch = coordinatorEpoch;
        TransactionFirstOffset = -1;
    }

    /// <summary>
    /// Remembers a batch from before the last one, which is all that a snapshot has: so that the retry of any of the last five is
    /// known again after a restart too. Called in offset order.
    /// </summary>
    internal void AddBeforeLast(in RecordBatchHeader header)
    {
        if (Count == 0 || header.ProducerEpoch != Epoch || header.LastOffset >= Last.LastOffset)
            return;
        ProducerBatch last = Last;
        Count--;
        if (Count == ProducerBatches.Capacity - 1)
            DropOldest();
        _batches[Count++] = ProducerBatch.Of(header);
        _batches[Count++] = last;
    }

    /// <summary>As a snapshot has it.</summary>
    internal static ProducerEntry Restored(
        short epoch, ProducerBatch? last, long lastTimestampMs, int coordinatorEpoch, long transactionFirstOffset)
    {
        var entry = new ProducerEntry
        {
            Epoch = epoch,
            LastTimestampMs = lastTimestampMs,
            CoordinatorEpoch = coordinatorEpoch,
            TransactionFirstOffset = transactionFirstOffset,
        };
        if (last is { } batch)
            entry._batches[entry.Count++] = batch;
        return entry;
    }

    private void TakeEpoch(short epoch)
    {
        if (Epoch != epoch)
            Count = 0;
        Epoch = epoch;
    }

    private void DropOldest()
    {
        Span<ProducerBatch> batches = _batches;
        batches[1..Count].CopyTo(batches);
        Count--;
    }
}
