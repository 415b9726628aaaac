using System.Buffers.Binary;
using System.Text;

namespace OrleansLog.Protocol.Messages;

/// <summary>
/// Writes fields into a <see cref="MessageBuffer"/>. Tagged fields, whose length goes before them, are written in place behind
/// one reserved byte; there is no second buffer.
/// </summary>
public readonly ref struct MessageWriter
{
    private readonly MessageBuffer _buffer;

    /// <summary>A writer behind what <paramref name="buffer"/> already has.</summary>
    public MessageWriter(MessageBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        _buffer = buffer;
    }

    /// <summary>One byte, 1 or 0.</summary>
    public void WriteBoolean(bool value) => _buffer.Append(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>One byte.</summary>
    public void WriteInt8(sbyte value) => _buffer.Append(1)[0] = (byte)value;

    /// <summary>Two bytes.</summary>
    public void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(_buffer.Append(sizeof(short)), value);

    /// <summary>Two bytes.</summary>
    public void WriteErrorCode(ErrorCode value) => WriteInt16((short)value);

    /// <summary>Two bytes, unsigned.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(_buffer.Append(sizeof(ushort)), value);

    /// <summary>Four bytes.</summary>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(_buffer.Append(sizeof(int)), value);

    /// <summary>Four bytes, unsigned.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(_buffer.Append(sizeof(uint)), value);

    /// <summary>Eight bytes.</summary>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(_buffer.Append(sizeof(long)), value);

    /// <summary>Eight bytes, IEEE 754.</summary>
    public void WriteFloat64(double value) => BinaryPrimitives.WriteDoubleBigEndian(_buffer.Append(sizeof(double)), value);

    /// <summary>Sixteen bytes.</summary>
    public void WriteUuid(Uuid value) => value.Write(_buffer.Append(Uuid.Size));

    /// <summary>A variable-length integer, 1 to 5 bytes.</summary>
    public void WriteUnsignedVarint(uint value) => _ = Varint.WriteUnsigned(_buffer.Append(Varint.SizeOfUnsigned(value)), value);

    /// <summary>A string; null is written as empty.</summary>
    /// <param name="value">The string.</param>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    /// <exception cref="ArgumentException">More than 32,767 bytes, where the length is not compact.</exception>
    public void WriteString(string? value, bool flexible) => WriteNullableString(value ?? string.Empty, flexible);

    /// <summary>A string, or null.</summary>
    /// <param name="value">The string.</param>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    /// <exception cref="ArgumentException">More than 32,767 bytes, where the length is not compact.</exception>
    public void WriteNullableString(string? value, bool flexible)
    {
        if (value is null)
        {
            if (flexible) WriteUnsignedVarint(0);
            else WriteInt16(-1);
            return;
        }

        int bytes = Encoding.UTF8.GetByteCount(value);
        if (flexible) WriteUnsignedVarint((uint)bytes + 1);
        else if (bytes <= short.MaxValue) WriteInt16((short)bytes);
        else throw new ArgumentException($"A string of {bytes} bytes does not fit the message; the longest has {short.MaxValue}.", nameof(value));
        _ = Encoding.UTF8.GetBytes(value, _buffer.Append(bytes));
    }

    /// <summary>Bytes; null is written as empty. Above <see cref="MessageBuffer.ReferenceAboveBytes"/> they are referenced.</summary>
    /// <param name="value">The bytes.</param>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    public void WriteBytes(ReadOnlyMemory<byte>? value, bool flexible) => WriteNullableBytes(value ?? ReadOnlyMemory<byte>.Empty, flexible);

    /// <summary>Bytes, or null. Above <see cref="MessageBuffer.ReferenceAboveBytes"/> they are referenced.</summary>
    /// <param name="value">The bytes.</param>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    public void WriteNullableBytes(ReadOnlyMemory<byte>? value, bool flexible)
    {
        int length = value?.Length ?? -1;
        WriteCount(length, flexible);
        if (length > MessageBuffer.ReferenceAboveBytes) _buffer.AppendReference(value.GetValueOrDefault());
        else if (length > 0) value.GetValueOrDefault().Span.CopyTo(_buffer.Append(length));
    }

    /// <summary>Record batches; null is written as empty. Above <see cref="MessageBuffer.ReferenceAboveBytes"/> they are referenced.</summary>
    /// <param name="value">The batches.</param>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    public void WriteRecords(Memory<byte>? value, bool flexible) => WriteBytes(value, flexible);

    /// <summary>Record batches, or null. Above <see cref="MessageBuffer.ReferenceAboveBytes"/> they are referenced.</summary>
    /// <param name="value">The batches.</param>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    public void WriteNullableRecords(Memory<byte>? value, bool flexible) => WriteNullableBytes(value, flexible);

    /// <summary>The number of elements of an array; -1 is null.</summary>
    /// <param name="count">The number.</param>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    public void WriteCount(int count, bool flexible)
    {
        if (flexible) WriteUnsignedVarint((uint)(count + 1));
        else WriteInt32(count);
    }

    /// <summary>Leaves one byte for the varint that <see cref="EndSized(int)"/> fills in: a tagged field's length, or the number of them.</summary>
    public int BeginSized()
    {
        int at = _buffer.Count;
        _buffer.Append(1)[0] = 0;
        return at;
    }

    /// <summary>Fills in how many bytes were written since <see cref="BeginSized"/>.</summary>
    public void EndSized(int start) => _buffer.PatchVarint(start, (uint)(_buffer.Count - start - 1 + _buffer.ReferencedSince(start)));

    /// <summary>Fills in a number of our own in place of the size.</summary>
    public void EndSized(int start, int value) => _buffer.PatchVarint(start, (uint)value);

    /// <summary>Writes the fields kept from elsewhere whose tags lie below <paramref name="tag"/>, and skips one of that tag: it is declared.</summary>
    /// <param name="fields">The fields, tags rising.</param>
    /// <param name="next">The next of them to write; moves on.</param>
    /// <param name="tag">The declared tag that follows.</param>
    /// <returns>How many were written.</returns>
    public int WriteKeptTags(List<TaggedField>? fields, ref int next, long tag)
    {
        if (fields is null) return 0;
        int written = 0;
        for (; next < fields.Count && fields[next].Tag <= tag; next++)
        {
            TaggedField field = fields[next];
            if (field.Tag == tag) continue;
            WriteUnsignedVarint((uint)field.Tag);
            WriteUnsignedVarint((uint)field.Data.Length);
            field.Data.Span.CopyTo(_buffer.Append(field.Data.Length));
            written++;
        }

        return written;
    }
}
