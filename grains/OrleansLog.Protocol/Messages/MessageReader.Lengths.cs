using System.Text;
using System.Text.Unicode;

namespace OrleansLog.Protocol.Messages;

/// <content>Strings, bytes, arrays and tagged fields: everything that begins with a length.</content>
public ref partial struct MessageReader
{
    private const int StringOverheadBytes = 24;
    private const int ListOverheadBytes = 56;

    /// <summary>Four times the field itself: a list that doubles leaves its smaller arrays behind.</summary>
    private const int TaggedFieldBytes = 96;
    private const int TagsListBytes = 128;

    /// <summary>A string; null is a fault.</summary>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    public string ReadString(bool flexible)
    {
        string? value = ReadNullableString(flexible);
        if (value is not null) return value;
        Fail(MessageFault.NullNotAllowed);
        return string.Empty;
    }

    /// <summary>A string, or null.</summary>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    public string? ReadNullableString(bool flexible)
    {
        int length = flexible ? ReadCompactLength() : ReadInt16();
        if (!Take(length, out int at)) return null;
        if (length == 0) return string.Empty;
        ReadOnlySpan<byte> utf8 = _span.Slice(at, length);
        if (!Charge(StringOverheadBytes + (2L * length))) return null; // from the cache too: it may have to make it
        if (_strings?.Get(utf8) is { } known) return known;
        if (!ReplacesInvalidUtf8 && !Utf8.IsValid(utf8))
        {
            Fail(MessageFault.InvalidUtf8);
            return null;
        }

        return Encoding.UTF8.GetString(utf8);
    }

    /// <summary>Bytes, a slice of the frame; null is a fault.</summary>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    public ReadOnlyMemory<byte> ReadBytes(bool flexible) => ReadRecords(flexible);

    /// <summary>Bytes, a slice of the frame, or null.</summary>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    public ReadOnlyMemory<byte>? ReadNullableBytes(bool flexible) => ReadNullableRecords(flexible);

    /// <summary>Record batches, a slice of the frame that may be written to; null is a fault.</summary>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    public Memory<byte> ReadRecords(bool flexible)
    {
        Memory<byte>? value = ReadNullableRecords(flexible);
        if (value is not null) return value.Value;
        Fail(MessageFault.NullNotAllowed);
        return default;
    }

    /// <summary>Record batches, a slice of the frame that may be written to, or null.</summary>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    public Memory<byte>? ReadNullableRecords(bool flexible)
    {
        int length = flexible ? ReadCompactLength() : ReadInt32();
        if (!Take(length, out int at)) return null;
        return _frame.Slice(at, length);
    }

    /// <summary>
    /// The number of elements of an array; -1 is null, which is a fault unless <paramref name="nullable"/>. The count is checked
    /// against the bytes that are left and the memory that may be taken, so that a list of that size may be made at once.
    /// </summary>
    /// <param name="flexible">Whether lengths are compact (KIP-482).</param>
    /// <param name="nullable">Whether the array may be null.</param>
    /// <param name="leastBytes">The fewest bytes that an element takes in the frame, at least 1.</param>
    /// <param name="memoryBytes">About how many bytes an element takes in memory.</param>
    public int ReadCount(bool flexible, bool nullable, int leastBytes, int memoryBytes)
    {
        int count = flexible ? ReadCompactLength() : ReadInt32();
        if (count < 0)
        {
            if (count < -1) Fail(MessageFault.NegativeLength);
            else if (!nullable) Fail(MessageFault.NullNotAllowed);
            return nullable ? -1 : 0;
        }

        if (Failed) return 0;
        if ((long)count * leastBytes > Remaining)
        {
            Fail(MessageFault.CountTooLarge);
            return 0;
        }

        return Charge(ListOverheadBytes + ((long)count * memoryBytes)) ? count : 0;
    }

    /// <summary>Whether a struct that may be null is there: one byte, -1 if it is null.</summary>
    /// <param name="nullable">Whether it may be null; else null is a fault.</param>
    public bool ReadPresence(bool nullable)
    {
        if (ReadInt8() >= 0) return !Failed;
        if (!nullable) Fail(MessageFault.NullNotAllowed);
        return false;
    }

    /// <summary>The number of tagged fields that follow.</summary>
    public int ReadTagCount()
    {
        uint count = ReadUnsignedVarint();
        if (count <= (uint)Remaining / 2) return (int)count;
        Fail(MessageFault.CountTooLarge);
        return 0;
    }

    /// <summary>The head of a tagged field.</summary>
    /// <param name="previous">The tag before it, -1 for the first; becomes its tag.</param>
    /// <param name="end">Where its content ends, for <see cref="EndTag"/>.</param>
    /// <returns>The tag, -1 after a fault.</returns>
    public int BeginTag(ref int previous, out int end)
    {
        uint tag = ReadUnsignedVarint();
        uint length = ReadUnsignedVarint();
        end = 0;
        if (Failed) return -1;
        if (length > (uint)Remaining || tag > int.MaxValue || (int)tag <= previous)
        {
            Fail(length > (uint)Remaining ? MessageFault.Truncated : MessageFault.TagOutOfOrder);
            return -1;
        }

        end = _position + (int)length;
        previous = (int)tag;
        return previous;
    }

    /// <summary>A fault if the content of a tagged field was not exactly as long as its head said.</summary>
    public void EndTag(int end)
    {
        if (!Failed && _position != end) Fail(MessageFault.TagLengthMismatch);
    }

    /// <summary>Keeps a tagged field that is not declared.</summary>
    public List<TaggedField>? KeepTag(List<TaggedField>? fields, int tag, int end)
    {
        if (Failed || !Charge(TaggedFieldBytes + (fields is null ? TagsListBytes : 0))) return fields;
        fields ??= [];
        fields.Add(new TaggedField(tag, _frame[_position..end]));
        _position = end;
        return fields;
    }

    private int ReadCompactLength()
    {
        uint raw = ReadUnsignedVarint();
        if (raw <= int.MaxValue) return Failed ? 0 : (int)raw - 1;
        Fail(MessageFault.NegativeLength);
        return 0;
    }

    private bool Take(int length, out int at)
    {
        at = _position;
        if (length == -1 || Failed) return false;
        if (length < 0) Fail(MessageFault.NegativeLength);
        else if (length > Remaining) Fail(MessageFault.Truncated);
        else _position = at + length;
        return !Failed;
    }
}
