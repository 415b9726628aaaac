using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace OrleansLog.Protocol;

/// <summary>
/// 16 bytes that name a topic or a log directory. Its text is Kafka's: base64url without padding, 22 characters.
/// </summary>
public readonly record struct Uuid : IComparable<Uuid>, ISpanFormattable
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 16;

    /// <summary>Length of the text form.</summary>
    public const int TextLength = 22;

    private readonly ulong _high;
    private readonly ulong _low;

    /// <summary>From the two big-endian halves.</summary>
    public Uuid(ulong high, ulong low)
    {
        _high = high;
        _low = low;
    }

    /// <summary>From 16 bytes in the order of the wire.</summary>
    /// <exception cref="ArgumentException">There are not exactly 16 bytes.</exception>
    public Uuid(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"A uuid has {Size} bytes, not {bytes.Length}.", nameof(bytes));
        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
    }

    /// <summary>All zero: "no id".</summary>
    public static Uuid Zero => default;

    /// <summary>Whether this is <see cref="Zero"/>.</summary>
    public bool IsZero => (_high | _low) == 0;

    /// <summary>The first eight bytes, big-endian.</summary>
    public ulong High => _high;

    /// <summary>The last eight bytes, big-endian.</summary>
    public ulong Low => _low;

    /// <summary>
    /// A version 4 uuid from 16 random bytes of the caller's; the caller chooses the source (S10 of the simulation: seeds).
    /// The numbers 0 to 99, which Kafka reserves, and texts that begin with '-', which command lines take for options, do not come out.
    /// </summary>
    public static Uuid FromRandomBytes(ReadOnlySpan<byte> randomBytes)
    {
        var raw = new Uuid(randomBytes);
        ulong high = (raw._high & 0xFFFF_FFFF_FFFF_0FFFUL) | 0x4000UL;
        ulong low = (raw._low & 0x3FFF_FFFF_FFFF_FFFFUL) | 0x8000_0000_0000_0000UL;
        const ulong dash = 0b111110UL << 58; // '-' is 62 in base64url, and the first character is the top six bits
        if ((high & (0b111111UL << 58)) == dash) high &= ~(1UL << 63);
        return new Uuid(high, low);
    }

    /// <summary>Asks <paramref name="fill"/> for 16 random bytes, e.g. <c>RandomNumberGenerator.Fill</c> or a seeded generator.</summary>
    public static Uuid Random(RandomFill fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        Span<byte> bytes = stackalloc byte[Size];
        fill(bytes);
        return FromRandomBytes(bytes);
    }

    /// <summary>The same 16 bytes in big-endian order, as the text of the Guid shows them.</summary>
    public static Uuid FromGuid(Guid value)
    {
        Span<byte> bytes = stackalloc byte[Size];
        _ = value.TryWriteBytes(bytes, bigEndian: true, out _);
        return new Uuid(bytes);
    }

    /// <summary>The reverse of <see cref="FromGuid"/>.</summary>
    public Guid ToGuid()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Writes the 16 bytes in the order of the wire.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
    }

    /// <summary>Parses the 22-character text.</summary>
    /// <exception cref="FormatException">It is not a uuid.</exception>
    public static Uuid Parse(string text) =>
        TryParse(text, out Uuid uuid)
            ? uuid
            : throw new FormatException($"'{text}' is not a uuid: expected {TextLength} characters of base64url.");

    /// <summary>Parses the 22-character text; padding is accepted, stray bits in the last character are not.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Uuid uuid) => TryParse(text.AsSpan(), out uuid);

    /// <inheritdoc cref="TryParse(string?, out Uuid)"/>
    public static bool TryParse(ReadOnlySpan<char> text, out Uuid uuid)
    {
        uuid = default;
        ReadOnlySpan<char> trimmed = text.Length == TextLength + 2 && text.EndsWith("==") ? text[..TextLength] : text;
        if (trimmed.Length != TextLength) return false;
        foreach (char c in trimmed)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) return false;
        }

        Span<byte> bytes = stackalloc byte[Size + 1];
        if (!Base64Url.TryDecodeFromChars(trimmed, bytes, out int written) || written != Size) return false;
        uuid = new Uuid(bytes[..Size]);
        return true;
    }

    /// <summary>The 22-character text.</summary>
    public override string ToString() => string.Create(TextLength, this, static (chars, uuid) => uuid.TryFormat(chars, out _));

    /// <summary>Writes the 22-character text.</summary>
    public bool TryFormat(Span<char> destination, out int charsWritten)
    {
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes);
        return Base64Url.TryEncodeToChars(bytes, destination, out charsWritten);
    }

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        TryFormat(destination, out charsWritten);

    /// <summary>Orders by the bytes.</summary>
    public int CompareTo(Uuid other) => _high != other._high ? _high.CompareTo(other._high) : _low.CompareTo(other._low);

    /// <summary>Orders by the bytes.</summary>
    public static bool operator <(Uuid left, Uuid right) => left.CompareTo(right) < 0;

    /// <summary>Orders by the bytes.</summary>
    public static bool operator >(Uuid left, Uuid right) => left.CompareTo(right) > 0;

    /// <summary>Orders by the bytes.</summary>
    public static bool operator <=(Uuid left, Uuid right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by the bytes.</summary>
    public static bool operator >=(Uuid left, Uuid right) => left.CompareTo(right) >= 0;
}

/// <summary>Fills the whole span with random bytes.</summary>
public delegate void RandomFill(Span<byte> destination);
