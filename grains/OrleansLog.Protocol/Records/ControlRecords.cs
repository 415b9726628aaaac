using static System.Buffers.Binary.BinaryPrimitives;

namespace OrleansLog.Protocol.Records;

/// <summary>The type of a control record.</summary>
public enum ControlRecordType : short
{
    /// <summary>The transaction was aborted.</summary>
    Abort = 0,

    /// <summary>The transaction was committed.</summary>
    Commit = 1,
}

/// <summary>The record that ends a transaction in a partition.</summary>
/// <param name="Type">Whether it was committed or aborted.</param>
/// <param name="CoordinatorEpoch">The epoch of the coordinator that wrote it.</param>
public readonly record struct EndTransactionMarker(ControlRecordType Type, int CoordinatorEpoch);

/// <summary>Reads and writes the records of control batches.</summary>
public static class ControlRecords
{
    /// <summary>Bytes of a control record's key: version and type.</summary>
    public const int KeySize = 4;

    /// <summary>Bytes of an end marker's value: version and coordinator epoch.</summary>
    public const int EndMarkerValueSize = 6;

    /// <summary>Reads version and type from a control record's key. Types of the future come out as their number.</summary>
    public static bool TryParseKey(ReadOnlySpan<byte> key, out short version, out ControlRecordType type)
    {
        version = 0;
        type = default;
        if (key.Length < KeySize) return false;
        version = ReadInt16BigEndian(key);
        type = (ControlRecordType)ReadInt16BigEndian(key[2..]);
        return version >= 0;
    }

    /// <summary>Reads an end marker; false if the record is another kind of control record, or damaged.</summary>
    public static bool TryParseEndMarker(in Record record, out EndTransactionMarker marker)
    {
        marker = default;
        if (record.IsKeyNull || record.IsValueNull) return false;
        if (!TryParseKey(record.Key.Span, out _, out ControlRecordType type)) return false;
        ReadOnlySpan<byte> value = record.Value.Span;
        if (type is not (ControlRecordType.Abort or ControlRecordType.Commit) || value.Length < EndMarkerValueSize) return false;
        if (ReadInt16BigEndian(value) < 0) return false;
        marker = new EndTransactionMarker(type, ReadInt32BigEndian(value[2..]));
        return true;
    }

    /// <summary>Writes key and value of an end marker, both of version 0.</summary>
    public static void WriteEndMarker(EndTransactionMarker marker, Span<byte> key, Span<byte> value)
    {
        WriteInt16BigEndian(key, 0);
        WriteInt16BigEndian(key[2..], (short)marker.Type);
        WriteInt16BigEndian(value, 0);
        WriteInt32BigEndian(value[2..], marker.CoordinatorEpoch);
    }
}
