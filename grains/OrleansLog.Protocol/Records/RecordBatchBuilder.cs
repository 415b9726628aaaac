using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using OrleansLog.Protocol.Compression;

namespace OrleansLog.Protocol.Records;

/// <summary>
/// Builds record batches in pooled memory, one after the other: append until it is full, <see cref="Build()"/>, hand the
/// memory on, <see cref="Reset"/> once nobody reads it any more. Not safe for use from several threads at once.
/// </summary>
/// <remarks>
/// The leader writes base offset and epoch into the memory that it is given. A producer that sends the same batch again calls
/// <see cref="Build()"/> again first: that writes the header anew and is cheap.
/// </remarks>
/// <example>
/// <code>
/// using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { Codec = CompressionCodec.Lz4 });
/// while (builder.TryAppend(timestampMs, key, keyIsNull: false, value, valueIsNull: false)) { /* next record */ }
/// Memory&lt;byte&gt; batch = builder.Build();
/// </code>
/// </example>
public sealed partial class RecordBatchBuilder : IBufferWriter<byte>, IDisposable
{
    /// <summary>The largest capacity of a builder, and the largest record that it takes.</summary>
    public const int LargestCapacityBytes = 1 << 30;

    private const int SmallestCapacityBytes = 256;
    private const int KeptCapacities = 4;
    private const int FirstReserveBytes = 4 * 1024;

    private readonly RecordBatchBuilderOptions _options;
    private readonly int _capacityBytes;
    private PooledBuffer _buffer;
    private PooledBuffer _compressed;
    private bool _isBuilt;
    private bool _isCompressed;
    private long _baseTimestampMs;
    private int _lastOffsetDelta;
    private long _producerId;
    private short _producerEpoch;
    private int _baseSequence;
    private bool _isTransactional;

    /// <summary>A builder for batches of the given kind.</summary>
    /// <exception cref="ArgumentException">The options contradict each other or lie out of range.</exception>
    public RecordBatchBuilder(RecordBatchBuilderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!options.Codec.IsKnown()) throw new ArgumentException($"There is no codec {(int)options.Codec}.", nameof(options));
        if (options.CompressionLevel is { } level && !options.Codec.IsValidLevel(level))
            throw new ArgumentException($"{options.Codec.Name()} has no compression level {level}.", nameof(options));
        if (options.CapacityBytes is < SmallestCapacityBytes or > LargestCapacityBytes)
            throw new ArgumentException(
                $"CapacityBytes is {options.CapacityBytes}; {SmallestCapacityBytes} to {LargestCapacityBytes} are possible.", nameof(options));
        if (options.IsTransactional && options.ProducerId < 0)
            throw new ArgumentException("A transactional batch needs a producer id.", nameof(options));
        _options = options;
        _capacityBytes = options.CapacityBytes;
        Reset();
    }

    /// <summary>Records in the batch so far.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the batch so far, header included, before compression.</summary>
    public int EstimatedBytes => _buffer.Length;

    /// <summary>The largest timestamp so far, or -1.</summary>
    public long MaxTimestampMs { get; private set; }

    /// <summary>Appends a record with the next offset; false, and nothing changed, if the batch is too full for it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The record is larger than 1 GiB.</exception>
    public bool TryAppend(
        long timestampMs, ReadOnlySpan<byte> key, bool keyIsNull, ReadOnlySpan<byte> value, bool valueIsNull,
        ReadOnlySpan<RecordHeader> headers = default)
    {
        return TryAppendAt(_lastOffsetDelta + 1, timestampMs, key, keyIsNull, value, valueIsNull, headers);
    }

    /// <summary>
    /// Appends a record whose offset lies <paramref name="offsetDelta"/> behind the base offset, which may leave a hole: for batches
    /// from which records were cleaned away. Producers use <see cref="TryAppend"/>.
    /// </summary>
    public bool TryAppendAt(
        int offsetDelta, long timestampMs, ReadOnlySpan<byte> key, bool keyIsNull, ReadOnlySpan<byte> value, bool valueIsNull,
        ReadOnlySpan<RecordHeader> headers = default)
    {
        if (offsetDelta <= _lastOffsetDelta) ThrowOffsetOutOfOrder(offsetDelta);
        if (_isRecordOpen) ThrowRecordOpen();
        if (keyIsNull) key = default;
        if (valueIsNull) value = default;
        long timestampDelta = unchecked(timestampMs - (Count == 0 ? FirstBaseTimestamp(timestampMs) : _baseTimestampMs));
        long body = 1L + Varint.SizeOf64(timestampDelta) + Varint.SizeOf(offsetDelta)
            + SizeOfLength(key.Length, keyIsNull) + key.Length
            + SizeOfLength(value.Length, valueIsNull) + value.Length
            + (headers.Length == 0 ? 1 : SizeOfHeaders(headers));
        if (!HasRoomFor(body)) return false;

        int size = Varint.SizeOf((int)body) + (int)body;
        _buffer.Reserve(size);
        Span<byte> target = _buffer.Free[..size];
        int at = Varint.Write(target, (int)body);
        target[at++] = 0;
        at += Varint.Write64(target[at..], timestampDelta);
        at += Varint.Write(target[at..], offsetDelta);
        at += WriteBytes(target[at..], key, keyIsNull);
        at += WriteBytes(target[at..], value, valueIsNull);
        if (headers.Length == 0) target[at] = 0;
        else _ = WriteHeaders(target[at..], headers);
        _buffer.Advance(size);
        Commit(offsetDelta, timestampMs);
        return true;
    }

    /// <summary>Sets who the batch is from, up to <see cref="Build()"/>: an idempotent producer numbers a batch when it sends it.</summary>
    public void SetProducerState(long producerId, short producerEpoch, int baseSequence, bool isTransactional = false)
    {
        if (isTransactional && producerId < 0) throw new ArgumentException("A transactional batch needs a producer id.", nameof(producerId));
        _producerId = producerId;
        _producerEpoch = producerEpoch;
        _baseSequence = baseSequence;
        _isTransactional = isTransactional;
    }

    /// <summary>Starts an empty batch; the memory of the last one is used again, unless a single huge record made it grow.</summary>
    public void Reset()
    {
        if (_buffer.Capacity > KeptCapacities * (long)_capacityBytes) _buffer.Dispose();
        if (_compressed.Capacity > KeptCapacities * (long)_capacityBytes) _compressed.Dispose();
        SetProducerState(_options.ProducerId, _options.ProducerEpoch, _options.BaseSequence, _options.IsTransactional);
        _buffer.Clear();
        _buffer.Reserve(Math.Min(FirstReserveBytes, _capacityBytes));
        _buffer.Advance(RecordBatchHeader.Size);
        _compressed.Clear();
        _isBuilt = false;
        _isCompressed = false;
        _isRecordOpen = false;
        Count = 0;
        MaxTimestampMs = RecordBatchHeader.None;
        _baseTimestampMs = RecordBatchHeader.None;
        _lastOffsetDelta = -1;
    }

    /// <summary>Returns the memory to the pool.</summary>
    public void Dispose()
    {
        _buffer.Dispose();
        _compressed.Dispose();
        _isBuilt = true;
    }

    // Java's builder, too, takes the first record's timestamp as base, and the cleaner its delete horizon.
    private long FirstBaseTimestamp(long timestampMs) => _options.DeleteHorizonMs ?? timestampMs;

    private bool HasRoomFor(long body)
    {
        if (body > LargestCapacityBytes)
            throw new ArgumentOutOfRangeException(nameof(body), body, "The record is too large for any batch.");
        if (_isBuilt) return false;
        return Count == 0 || _buffer.Length + Varint.SizeOf((int)body) + body <= _capacityBytes;
    }

    private void Commit(int offsetDelta, long timestampMs)
    {
        if (Count == 0) _baseTimestampMs = FirstBaseTimestamp(timestampMs);
        Count++;
        _lastOffsetDelta = offsetDelta;
        MaxTimestampMs = Math.Max(MaxTimestampMs, timestampMs);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SizeOfLength(int length, bool isNull) => isNull ? 1 : Varint.SizeOf(length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteBytes(Span<byte> target, ReadOnlySpan<byte> bytes, bool isNull)
    {
        int at = Varint.Write(target, isNull ? -1 : bytes.Length);
        bytes.CopyTo(target[at..]);
        return at + bytes.Length;
    }

    private static long SizeOfHeaders(ReadOnlySpan<RecordHeader> headers)
    {
        long size = Varint.SizeOf(headers.Length);
        foreach (ref readonly RecordHeader header in headers)
        {
            int keyBytes = Encoding.UTF8.GetByteCount(header.Key ?? "");
            size += Varint.SizeOf(keyBytes) + (long)keyBytes + SizeOfLength(header.Value.Length, header.ValueIsNull) + header.Value.Length;
        }

        return size;
    }

    private static int WriteHeaders(Span<byte> target, ReadOnlySpan<RecordHeader> headers)
    {
        int at = Varint.Write(target, headers.Length);
        foreach (ref readonly RecordHeader header in headers)
        {
            string key = header.Key ?? "";
            at += Varint.Write(target[at..], Encoding.UTF8.GetByteCount(key));
            at += Encoding.UTF8.GetBytes(key, target[at..]);
            at += WriteBytes(target[at..], header.Value.Span, header.ValueIsNull);
        }

        return at;
    }

    private void ThrowOffsetOutOfOrder(int offsetDelta) =>
        throw new ArgumentOutOfRangeException(nameof(offsetDelta), offsetDelta, $"Offsets rise; the last delta was {_lastOffsetDelta}.");

    private static void ThrowRecordOpen() =>
        throw new InvalidOperationException("A record was begun; end, move or cancel it first.");
}
