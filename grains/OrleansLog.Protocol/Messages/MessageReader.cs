using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace OrleansLog.Protocol.Messages;

/// <summary>
/// Reads one contiguous frame. The first fault sticks: from then on everything reads as zero, empty or null, and nothing is
/// allocated, so that generated code need not check after every field. Nothing throws, whatever the bytes are (S12).
/// </summary>
public ref partial struct MessageReader
{
    /// <summary>
    /// What a message may take besides twice its frame: many small elements are larger as objects than as bytes, and small
    /// frames may well consist of them.
    /// </summary>
    public const long DefaultExtraMemoryBytes = 32L << 20;

    private readonly Memory<byte> _frame;
    private readonly Span<byte> _span;
    private readonly StringCache? _strings;
    private int _position;
    private long _memoryBytes;

    /// <summary>A reader at the start of <paramref name="frame"/>, which has to live as long as the messages read from it.</summary>
    /// <param name="frame">The frame without its 4-byte size.</param>
    /// <param name="strings">Where short strings come from; null allocates each.</param>
    /// <param name="memoryLimitBytes">What the objects read may take, by estimate; 0 is twice the frame and <see cref="DefaultExtraMemoryBytes"/>.</param>
    public MessageReader(Memory<byte> frame, StringCache? strings = null, long memoryLimitBytes = 0)
    {
        _frame = frame;
        _span = frame.Span;
        _strings = strings;
        _memoryBytes = memoryLimitBytes > 0 ? memoryLimitBytes : (2L * frame.Length) + DefaultExtraMemoryBytes;
    }

    /// <summary>The first fault, or <see cref="MessageFault.None"/>.</summary>
    public MessageFault Fault { get; private set; }

    /// <summary>Whether there is a fault.</summary>
    public readonly bool Failed => Fault != MessageFault.None;

    /// <summary>Bytes read.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes left.</summary>
    public readonly int Remaining => _span.Length - _position;

    /// <summary>The bytes left, as a slice of the frame.</summary>
    public readonly Memory<byte> Rest => _frame[_position..];

    /// <summary>Records a fault, unless there is one, and moves to the end.</summary>
    public void Fail(MessageFault fault)
    {
        if (Fault == MessageFault.None) Fault = fault;
        _position = _span.Length;
    }

    /// <summary>
    /// Whether bytes behind a message are passed over instead of being a fault: Apache Kafka's broker does so, and librdkafka 2.15 sends
    /// three of them behind a Metadata request for all topics.
    /// </summary>
    public bool IgnoresTrailingBytes { get; init; }

    /// <summary>Whether strings that are not UTF-8 are read with U+FFFD for what is not, as Java does, instead of being a fault.</summary>
    public bool ReplacesInvalidUtf8 { get; init; }

    /// <summary>A fault if bytes are left, unless they are to be passed over.</summary>
    public void ExpectEnd()
    {
        if (_position != _span.Length && !IgnoresTrailingBytes) Fail(MessageFault.TrailingBytes);
    }

    /// <summary>One byte; anything but zero is true.</summary>
    public bool ReadBoolean() => ReadInt8() != 0;

    /// <summary>One byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public sbyte ReadInt8()
    {
        int at = _position;
        if ((uint)at >= (uint)_span.Length) return (sbyte)Truncated();
        _position = at + 1;
        return (sbyte)_span[at];
    }

    /// <summary>Two bytes.</summary>
    public short ReadInt16() => TryTake(sizeof(short), out int at) ? BinaryPrimitives.ReadInt16BigEndian(_span[at..]) : (short)0;

    /// <summary>Two bytes, as an error.</summary>
    public ErrorCode ReadErrorCode() => (ErrorCode)ReadInt16();

    /// <summary>Two bytes, unsigned.</summary>
    public ushort ReadUInt16() => TryTake(sizeof(ushort), out int at) ? BinaryPrimitives.ReadUInt16BigEndian(_span[at..]) : (ushort)0;

    /// <summary>Four bytes.</summary>
    public int ReadInt32() => TryTake(sizeof(int), out int at) ? BinaryPrimitives.ReadInt32BigEndian(_span[at..]) : 0;

    /// <summary>Four bytes, unsigned.</summary>
    public uint ReadUInt32() => TryTake(sizeof(uint), out int at) ? BinaryPrimitives.ReadUInt32BigEndian(_span[at..]) : 0;

    /// <summary>Eight bytes.</summary>
    public long ReadInt64() => TryTake(sizeof(long), out int at) ? BinaryPrimitives.ReadInt64BigEndian(_span[at..]) : 0;

    /// <summary>Eight bytes, IEEE 754.</summary>
    public double ReadFloat64() => TryTake(sizeof(double), out int at) ? BinaryPrimitives.ReadDoubleBigEndian(_span[at..]) : 0;

    /// <summary>Sixteen bytes.</summary>
    public Uuid ReadUuid() => TryTake(Uuid.Size, out int at) ? new Uuid(_span.Slice(at, Uuid.Size)) : default;

    /// <summary>A variable-length integer of at most 32 bits.</summary>
    public uint ReadUnsignedVarint()
    {
        int read = Varint.ReadUnsigned(_span[_position..], out uint value);
        _position += read;
        if (read == 0) Fail(Remaining < Varint.MaxSize32 ? MessageFault.Truncated : MessageFault.VarintTooLong);
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryTake(int bytes, out int at)
    {
        at = _position;
        if (_span.Length - at < bytes)
        {
            Truncated();
            return false;
        }

        _position = at + bytes;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Truncated()
    {
        Fail(MessageFault.Truncated);
        return 0;
    }

    /// <summary>Whether the memory may be taken; a fault if not.</summary>
    private bool Charge(long bytes)
    {
        _memoryBytes -= bytes;
        if (_memoryBytes >= 0) return true;
        Fail(MessageFault.TooMuchMemory);
        return false;
    }
}
