using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <summary>Writes the fields of a coordinator record.</summary>
internal readonly struct RecordWriter()
{
    private readonly ArrayBufferWriter<byte> _buffer = new(64);

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public RecordWriter Int16(short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(_buffer.GetSpan(2), value);
        _buffer.Advance(2);
        return this;
    }

    public RecordWriter Int32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
        return this;
    }

    public RecordWriter Int64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
        return this;
    }

    public RecordWriter String(string? value)
    {
        if (value is null)
            return Int16(-1);

        Int16(checked((short)Encoding.UTF8.GetByteCount(value)));
        Encoding.UTF8.GetBytes(value, _buffer);
        return this;
    }

    public RecordWriter CompactString(string value)
    {
        UnsignedVarint((uint)Encoding.UTF8.GetByteCount(value) + 1);
        Encoding.UTF8.GetBytes(value, _buffer);
        return this;
    }

    public RecordWriter Bytes(ReadOnlySpan<byte> value)
    {
        Int32(value.Length);
        _buffer.Write(value);
        return this;
    }

    public RecordWriter Uuid(Uuid value)
    {
        value.Write(_buffer.GetSpan(Protocol.Uuid.Size));
        _buffer.Advance(Protocol.Uuid.Size);
        return this;
    }

    public RecordWriter UnsignedVarint(uint value)
    {
        for (; value >= 0x80; value >>= 7)
            _buffer.Write([(byte)(value | 0x80)]);

        _buffer.Write([(byte)value]);
        return this;
    }
}
