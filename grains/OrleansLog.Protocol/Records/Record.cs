namespace OrleansLog.Protocol.Records;

/// <summary>One record of an opened batch. Key, value and headers are slices of the batch: valid until it is disposed.</summary>
public readonly struct Record
{
    private readonly ReadOnlyMemory<byte> _records;
    private readonly int _keyStart;
    private readonly int _keyLength;
    private readonly int _valueStart;
    private readonly int _valueLength;
    private readonly int _headersStart;
    private readonly int _end;

    internal Record(long offset, long timestampMs, ReadOnlyMemory<byte> records, in RecordFrame frame)
    {
        Offset = offset;
        TimestampMs = timestampMs;
        _records = records;
        _keyStart = frame.KeyStart;
        _keyLength = frame.KeyLength;
        _valueStart = frame.ValueStart;
        _valueLength = frame.ValueLength;
        _headersStart = frame.HeadersStart;
        _end = frame.End;
        HeaderCount = frame.HeaderCount;
    }

    /// <summary>The record's offset in its partition.</summary>
    public long Offset { get; }

    /// <summary>Milliseconds since 1970, of the type that the batch's header names; -1 if there is none.</summary>
    public long TimestampMs { get; }

    /// <summary>The key's bytes; empty if it is null.</summary>
    public ReadOnlyMemory<byte> Key => IsKeyNull ? default : _records.Slice(_keyStart, _keyLength);

    /// <summary>Whether the key is null.</summary>
    public bool IsKeyNull => _keyLength < 0;

    /// <summary>The value's bytes; empty if it is null.</summary>
    public ReadOnlyMemory<byte> Value => IsValueNull ? default : _records.Slice(_valueStart, _valueLength);

    /// <summary>Whether the value is null: in a compacted topic, a tombstone.</summary>
    public bool IsValueNull => _valueLength < 0;

    /// <summary>Number of headers.</summary>
    public int HeaderCount { get; }

    /// <summary>The headers, decoded one by one as they are enumerated.</summary>
    public RecordHeaders Headers => new(RawHeaders, HeaderCount);

    /// <summary>Bytes of key and value together.</summary>
    public int KeyAndValueBytes => Math.Max(_keyLength, 0) + Math.Max(_valueLength, 0);

    /// <summary>The headers' bytes, behind the count.</summary>
    internal ReadOnlyMemory<byte> RawHeaders => HeaderCount == 0 ? default : _records[_headersStart.._end];
}
