namespace OrleansLog.Protocol.Records;

/// <content>
/// Values written straight into the batch. The lengths of record and value stand in front of them and take as many bytes as
/// their size asks for, so as many are left free as the last record needed; only where that was wrong is the record moved.
/// </content>
public sealed partial class RecordBatchBuilder
{
    private bool _isRecordOpen;
    private bool _isPending;
    private long _openTimestampMs;
    private int _openKeyStart;
    private int _openKeyLength;
    private int _openValueLengthAt;
    private int _openValueStart;
    private int _openValueLength;
    private int _openHeadersStart;
    private int _openEnd;
    private int _recordLengthSize = 2;
    private int _valueLengthSize = 2;

    /// <summary>
    /// Starts a record whose value is then written straight into the batch, through <see cref="System.Buffers.IBufferWriter{T}"/> of
    /// this builder. Ends with <see cref="EndRecord"/> or <see cref="CancelRecord"/>.
    /// </summary>
    public void BeginRecord(long timestampMs, ReadOnlySpan<byte> key, bool keyIsNull)
    {
        if (_isRecordOpen) ThrowRecordOpen();
        if (keyIsNull) key = default;
        int overhead = _recordLengthSize + 1 + Varint.MaxSize64 + (3 * Varint.MaxSize32);
        _buffer.Reserve(overhead + key.Length);
        Span<byte> target = _buffer.Free;
        int at = _recordLengthSize;
        target[at++] = 0;
        long timestampDelta = unchecked(timestampMs - (Count == 0 ? FirstBaseTimestamp(timestampMs) : _baseTimestampMs));
        at += Varint.Write64(target[at..], timestampDelta);
        at += Varint.Write(target[at..], _lastOffsetDelta + 1);
        at += WriteBytes(target[at..], key, keyIsNull);

        _isRecordOpen = true;
        _isPending = false;
        _openTimestampMs = timestampMs;
        _openKeyLength = keyIsNull ? -1 : key.Length;
        _openKeyStart = at - key.Length;
        _openValueLengthAt = at;
        _openValueStart = at + _valueLengthSize;
        _openEnd = _openValueStart;
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        if (!_isRecordOpen || _isPending) throw new InvalidOperationException("Begin a record before its value is written.");
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer.Free.Length - _openEnd), nameof(count));
        _openEnd += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        ReserveOpen(sizeHint);
        return _buffer.FreeMemory[_openEnd..];
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        ReserveOpen(sizeHint);
        return _buffer.Free[_openEnd..];
    }

    /// <summary>
    /// Ends the record that <see cref="BeginRecord"/> started. False if the batch is too full for it: the record is then pending, to be
    /// moved into another builder with <see cref="MovePendingTo"/> or dropped with <see cref="CancelRecord"/>.
    /// </summary>
    public bool EndRecord(bool valueIsNull = false, ReadOnlySpan<RecordHeader> headers = default)
    {
        if (!_isRecordOpen || _isPending) throw new InvalidOperationException("No record was begun.");
        CloseValue(valueIsNull);
        CloseHeaders(headers);
        return TryFinish();
    }

    /// <summary>
    /// Moves the record that did not fit into another builder, so that it need not be serialized twice. False if it does not fit
    /// there either; it is then still pending here.
    /// </summary>
    public bool MovePendingTo(RecordBatchBuilder next)
    {
        ArgumentNullException.ThrowIfNull(next);
        if (next == this) throw new ArgumentException("A record moves into another builder.", nameof(next));
        if (!_isPending) throw new InvalidOperationException("No record is pending.");
        Span<byte> free = _buffer.Free;
        bool keyIsNull = _openKeyLength < 0;
        bool valueIsNull = _openValueLength < 0;
        next.BeginRecord(_openTimestampMs, free.Slice(_openKeyStart, Math.Max(_openKeyLength, 0)), keyIsNull);
        int valueBytes = Math.Max(_openValueLength, 0);
        free.Slice(_openValueStart, valueBytes).CopyTo(next.GetSpan(valueBytes));
        next.Advance(valueBytes);
        next.CloseValue(valueIsNull);
        ReadOnlySpan<byte> headers = free[_openHeadersStart.._openEnd];
        next.ReserveBehindOpen(headers.Length + Varint.MaxSize32);
        headers.CopyTo(next._buffer.Free[next._openEnd..]);
        next._openEnd += headers.Length;
        bool moved = next.TryFinish();
        (moved ? this : next).CancelRecord();
        return moved;
    }

    /// <summary>Drops the record that was begun.</summary>
    public void CancelRecord()
    {
        _isRecordOpen = false;
        _isPending = false;
    }

    private void ReserveOpen(int sizeHint)
    {
        if (!_isRecordOpen || _isPending) throw new InvalidOperationException("Begin a record before its value is written.");
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        ReserveBehindOpen(Math.Max(sizeHint, 1));
    }

    private void ReserveBehindOpen(int bytes) => _buffer.ReserveKeepingFree(_openEnd, bytes);

    private void CloseValue(bool valueIsNull)
    {
        int length = valueIsNull ? 0 : _openEnd - _openValueStart;
        int needed = valueIsNull ? 1 : Varint.SizeOf(length);
        int start = _openValueLengthAt + needed;
        if (start != _openValueStart)
        {
            ReserveBehindOpen(Varint.MaxSize32);
            _buffer.Free.Slice(_openValueStart, length).CopyTo(_buffer.Free[start..]);
            if (!valueIsNull) _valueLengthSize = needed;
        }

        _ = Varint.Write(_buffer.Free[_openValueLengthAt..], valueIsNull ? -1 : length);
        _openValueStart = start;
        _openValueLength = valueIsNull ? -1 : length;
        _openEnd = start + length;
        _openHeadersStart = _openEnd;
    }

    private void CloseHeaders(ReadOnlySpan<RecordHeader> headers)
    {
        long size = headers.Length == 0 ? 1 : SizeOfHeaders(headers);
        if (size > Array.MaxLength - _openEnd) throw new ArgumentOutOfRangeException(nameof(headers), "The record is too large for any batch.");
        ReserveBehindOpen((int)size + Varint.MaxSize32);
        if (headers.Length == 0) _buffer.Free[_openEnd] = 0;
        else _ = WriteHeaders(_buffer.Free[_openEnd..], headers);
        _openEnd += (int)size;
    }

    private bool TryFinish()
    {
        long body = _openEnd - _recordLengthSize;
        if (!HasRoomFor(body))
        {
            _isPending = true;
            return false;
        }

        int needed = Varint.SizeOf((int)body);
        if (needed != _recordLengthSize)
        {
            _buffer.Free.Slice(_recordLengthSize, (int)body).CopyTo(_buffer.Free[needed..]);
            _recordLengthSize = needed;
        }

        _ = Varint.Write(_buffer.Free, (int)body);
        _buffer.Advance((int)body + needed);
        _isRecordOpen = false;
        Commit(_lastOffsetDelta + 1, _openTimestampMs);
        return true;
    }
}
