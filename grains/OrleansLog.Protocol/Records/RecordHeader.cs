namespace OrleansLog.Protocol.Records;

/// <summary>A name and a value that travel with a record. Names may repeat; a null value and an empty one are different.</summary>
public readonly record struct RecordHeader
{
    /// <summary>A header with a value.</summary>
    public RecordHeader(string key, ReadOnlyMemory<byte> value)
    {
        Key = key;
        Value = value;
    }

    /// <summary>A header with a null value.</summary>
    public RecordHeader(string key)
    {
        Key = key;
        ValueIsNull = true;
    }

    /// <summary>The name; never null, may be empty.</summary>
    public string Key { get; }

    /// <summary>The value's bytes; empty if it is null.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>Whether the value is null.</summary>
    public bool ValueIsNull { get; }
}
