using System.Runtime.InteropServices;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client;

/// <summary>What one record waits with for its outcome.</summary>
/// <param name="Target">A <see cref="DeliveryHandler"/>, a <see cref="DeliverySource"/>, or null: nobody asks.</param>
/// <param name="State">For the handler.</param>
/// <param name="TimestampMs">The record's timestamp.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Pending(object? Target, object? State, long TimestampMs);

/// <summary>
/// A batch on its way: the builder with the bytes, and who waits for each record. Pooled; the sender of its partition owns it.
/// </summary>
internal sealed class ProducerBatch(RecordBatchBuilderOptions options) : IDisposable
{
    private const int Open = 0;
    private const int Claimed = 1;

    private Pending[] _pending = new Pending[64];
    private TaskCompletionSource? _whenReported;
    private bool _isReported;
    private int _state;

    public RecordBatchBuilder Builder { get; } = new(options);

    public int Count { get; private set; }

    /// <summary>Bytes that this batch holds of the producer's <see cref="BufferMemory"/>.</summary>
    public long ReservedBytes { get; set; }

    /// <summary><see cref="TimeProvider.GetTimestamp"/> of the first record: linger and delivery timeout count from there.</summary>
    public long StartedAt { get; private set; }

    /// <summary>True from the moment the bytes are handed to a transport until it answers.</summary>
    public bool IsWithBroker { get; set; }

    /// <summary>True once an answer was lost: it may be in the log.</summary>
    public bool MayBeStored { get; set; }

    /// <summary>True once an answer was lost: a transport may still read the memory, so it is not used again.</summary>
    public bool MayBeHeld { get; set; }

    /// <summary>True once the batch has its place among its producer's batches for the partition, which it keeps when it is sent again.</summary>
    public bool IsNumbered { get; private set; }

    /// <summary>Sequence number of the first record.</summary>
    public int BaseSequence { get; private set; }

    /// <summary>True once somebody reports, or has reported, the outcome.</summary>
    public bool IsClaimed => Volatile.Read(ref _state) == Claimed;

    /// <summary>Completes once every record's outcome was reported. This and what changes it belong under the sender's lock.</summary>
    public Task WhenReported => _isReported
        ? Task.CompletedTask
        : (_whenReported ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Start(long timestamp)
    {
        StartedAt = timestamp;
        _state = Open;
        _isReported = false;
    }

    public void Number(long producerId, short epoch, int sequence)
    {
        Builder.SetProducerState(producerId, epoch, sequence);
        (IsNumbered, BaseSequence) = (true, sequence);
    }

    public void TakeNumberBack() => IsNumbered = false;

    public bool TryAppend(in RecordBytes record, in Pending pending)
    {
        if (!Builder.TryAppend(record.TimestampMs, record.Key, record.KeyIsNull, record.Value, record.ValueIsNull, record.Headers))
            return false;
        Add(pending);
        return true;
    }

    /// <summary>The outcome goes to whoever claims it first: the answer, the timeout, or the close.</summary>
    public bool TryClaimReport() => Interlocked.Exchange(ref _state, Claimed) == Open;

    public ReadOnlySpan<Pending> Waiting => _pending.AsSpan(0, Count);

    public void MarkReported()
    {
        _isReported = true;
        _whenReported?.TrySetResult();
    }

    /// <summary>Hands the flush that waits for this batch to the last of the batches that it was split into.</summary>
    public void LeaveTo(ProducerBatch last)
    {
        (last._whenReported, _whenReported) = (_whenReported, null);
        _isReported = true;
    }

    public void Reset()
    {
        _pending.AsSpan(0, Count).Clear();
        Count = 0;
        IsWithBroker = false;
        MayBeStored = false;
        MayBeHeld = false;
        IsNumbered = false;
        _whenReported = null;
        Builder.Reset();
    }

    public void Dispose() => Builder.Dispose();

    private void Add(in Pending pending)
    {
        if (Count == _pending.Length)
            Array.Resize(ref _pending, _pending.Length * 2);
        _pending[Count++] = pending;
    }
}

/// <summary>A record as bytes, on the stack.</summary>
internal readonly ref struct RecordBytes
{
    // Length, attributes, deltas, key and value lengths and the header count, each as long as its varint can get.
    private const int OverheadBytes = 5 + 1 + 10 + 5 + 5 + 5 + 5;

    public long TimestampMs { get; init; }

    public ReadOnlySpan<byte> Key { get; init; }

    public ReadOnlySpan<byte> Value { get; init; }

    public ReadOnlySpan<RecordHeader> Headers { get; init; }

    public bool KeyIsNull { get; init; }

    public bool ValueIsNull { get; init; }

    /// <summary>At least as many bytes as the record takes in a batch.</summary>
    public long MaxBytes()
    {
        var bytes = OverheadBytes + (long)Key.Length + Value.Length;
        foreach (ref readonly var header in Headers)
            bytes += 10 + (3L * (header.Key?.Length ?? 0)) + header.Value.Length;
        return bytes;
    }
}
