using System.Buffers.Binary;
using System.Text;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <summary>Reads the fields of a coordinator record; after the first fault everything reads as default.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public bool Failed { get; private set; }

    public readonly int Remaining => _rest.Length;

    public short Int16() => BinaryPrimitives.ReadInt16BigEndian(Take(2) is { Length: 2 } b ? b : Zeros);

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4) is { Length: 4 } b ? b : Zeros);

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(8) is { Length: 8 } b ? b : Zeros);

    public Uuid Uuid() => Take(Protocol.Uuid.Size) is { Length: Protocol.Uuid.Size } b ? new Uuid(b) : default;

    public string? String(bool compact = false)
    {
        var length = compact ? (int)UnsignedVarint() - 1 : Int16();
        return length < 0 ? null : Encoding.UTF8.GetString(Take(length));
    }

    public byte[]? Bytes(bool compact = false)
    {
        var length = compact ? (int)UnsignedVarint() - 1 : Int32();
        return length < 0 ? null : Take(length).ToArray();
    }

    /// <summary>An array's length, already held against the bytes that remain.</summary>
    public int Count(int smallestElement, bool compact = false)
    {
        var count = compact ? (int)UnsignedVarint() - 1 : Int32();
        if (count > _rest.Length / smallestElement)
            Failed = true;

        return Failed || count < 0 ? 0 : count;
    }

    public uint UnsignedVarint()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = Take(1);
            if (next.IsEmpty)
                return 0;

            value |= (uint)(next[0] & 0x7F) << shift;
            if ((next[0] & 0x80) == 0)
                return value;
        }

        Failed = true;
        return 0;
    }

    public ReadOnlySpan<byte> Take(int length)
    {
        if (Failed || length < 0 || length > _rest.Length)
        {
            Failed = true;
            return default;
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private static ReadOnlySpan<byte> Zeros => [0, 0, 0, 0, 0, 0, 0, 0];
}
