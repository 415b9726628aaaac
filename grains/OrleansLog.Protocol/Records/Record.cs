namespace OrleansLog.Protocol.Records;

/// <summary>One record of an opened batch. Key, value and headers are slices of the batch: valid until it is disposed.</summary>
public readonly struct Record
{
    internal Record(
        long offset, long timestampMs, ReadOnlyMemory<byte> key, bool keyIsNull, ReadOnlyMemory<byte> value, bool valueIsNull,
        int headerCount, ReadOnlyMemory<byte> headers)
    {
        Offset = offset;
        TimestampMs = timestampMs;
        Key = key;
        IsKeyNull = keyIsNull;
        Value = value;
        IsValueNull = valueIsNull;
        HeaderCount = headerCount;
        RawHeaders = headers;
    }

    /// <summary>The record's offset in its partition.</summary>
    public long Offset { get; }

    /// <summary>Milliseconds since 1970, of the type that the batch's header names; -1 if there is none.</summary>
    public long TimestampMs { get; }

    /// <summary>The key's bytes; empty if it is null.</summary>
    public ReadOnlyMemory<byte> Key { get; }

    /// <summary>Whether the key is null.</summary>
    public bool IsKeyNull { get; }

    /// <summary>The value's bytes; empty if it is null.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>Whether the value is null: in a compacted topic, a tombstone.</summary>
    public bool IsValueNull { get; }

    /// <summary>Number of headers.</summary>
    public int HeaderCount { get; }

    /// <summary>The headers, decoded one by one as they are enumerated.</summary>
    public RecordHeaders Headers => new(RawHeaders, HeaderCount);

    /// <summary>The headers' bytes, behind the count.</summary>
    internal ReadOnlyMemory<byte> RawHeaders { get; }
}
