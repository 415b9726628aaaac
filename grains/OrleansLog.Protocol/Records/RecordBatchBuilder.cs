using System.Buffers;

namespace OrleansLog.Protocol.Records;

/// <summary>
/// Builds record batches in pooled memory, one after the other: append until it is full, <see cref="Build"/>, hand the
/// memory on, <see cref="Reset"/> once nobody reads it any more. Not safe for use from several threads at once.
/// </summary>
public sealed class RecordBatchBuilder : IBufferWriter<byte>, IDisposable
{
    /// <summary>A builder for batches of the given kind.</summary>
    /// <exception cref="ArgumentException">The options contradict each other or lie out of range.</exception>
    public RecordBatchBuilder(RecordBatchBuilderOptions options) => throw new NotImplementedException();

    /// <summary>Records in the batch so far.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Bytes of the batch so far, header included, before compression.</summary>
    public int EstimatedBytes => throw new NotImplementedException();

    /// <summary>The largest timestamp so far, or -1.</summary>
    public long MaxTimestampMs => throw new NotImplementedException();

    /// <summary>Appends a record with the next offset; false, and nothing changed, if the batch is too full for it.</summary>
    public bool TryAppend(
        long timestampMs, ReadOnlySpan<byte> key, bool keyIsNull, ReadOnlySpan<byte> value, bool valueIsNull,
        ReadOnlySpan<RecordHeader> headers = default) => throw new NotImplementedException();

    /// <summary>
    /// Starts a record whose value is then written straight into the batch, through <see cref="IBufferWriter{T}"/> of this
    /// builder. Ends with <see cref="EndRecord"/> or <see cref="CancelRecord"/>.
    /// </summary>
    public void BeginRecord(long timestampMs, ReadOnlySpan<byte> key, bool keyIsNull) => throw new NotImplementedException();

    /// <summary>
    /// Ends the record that <see cref="BeginRecord"/> started. False if the batch is too full for it: the record is then pending, to be
    /// moved into another builder with <see cref="MovePendingTo"/> or dropped with <see cref="CancelRecord"/>.
    /// </summary>
    public bool EndRecord(bool valueIsNull = false, ReadOnlySpan<RecordHeader> headers = default) => throw new NotImplementedException();

    /// <summary>Moves the record that did not fit into another builder, so that it need not be serialized twice.</summary>
    public bool MovePendingTo(RecordBatchBuilder next) => throw new NotImplementedException();

    /// <summary>Drops the record that was begun.</summary>
    public void CancelRecord() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Advance(int count) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => throw new NotImplementedException();

    /// <summary>Sets who the batch is from, up to <see cref="Build"/>: an idempotent producer numbers a batch when it sends it.</summary>
    public void SetProducerState(long producerId, short producerEpoch, int baseSequence, bool isTransactional = false) =>
        throw new NotImplementedException();

    /// <summary>
    /// Finishes the batch: compresses it, writes header and CRC. The memory belongs to the builder until <see cref="Reset"/> or
    /// <see cref="Dispose"/>. Without a codec nothing is copied.
    /// </summary>
    public Memory<byte> Build() => throw new NotImplementedException();

    /// <summary>Starts an empty batch; the memory of the last one is used again.</summary>
    public void Reset() => throw new NotImplementedException();

    /// <summary>Returns the memory to the pool.</summary>
    public void Dispose() => throw new NotImplementedException();
}
