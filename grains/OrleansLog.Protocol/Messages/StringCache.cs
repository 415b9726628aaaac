using System.Runtime.InteropServices;
using System.Text;

namespace OrleansLog.Protocol.Messages;

/// <summary>
/// Remembers short ASCII strings by their bytes, so that a topic's name is not allocated anew with every request. It has a
/// fixed number of slots, each for the string that was last read into it. Threads may share one: a slot is one reference.
/// </summary>
public sealed class StringCache
{
    /// <summary>The longest string that is kept: the longest name of a topic.</summary>
    public const int MaxStringBytes = 249;

    private readonly string?[] _slots;

    /// <summary>A cache of so many slots, rounded up to a power of two; 8 bytes each when empty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 or more than 65,536.</exception>
    public StringCache(int slots = 1024)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slots, 65_536);
        _slots = new string?[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)slots)];
    }

    /// <summary>The string of these bytes if it is here, or can be put here; else null: too long, or not ASCII.</summary>
    public string? Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxStringBytes) return null;
        ref string? slot = ref _slots[(int)Hash(utf8) & (_slots.Length - 1)];
        string? known = Volatile.Read(ref slot);
        if (known is not null && known.Length == utf8.Length && Ascii.Equals(utf8, known)) return known;
        if (!Ascii.IsValid(utf8)) return null;
        known = Encoding.ASCII.GetString(utf8);
        Volatile.Write(ref slot, known);
        return known;
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 0x9E37_79B9_7F4A_7C15UL ^ (uint)bytes.Length;
        while (bytes.Length >= sizeof(ulong))
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(bytes)) * 0xFF51_AFD7_ED55_8CCDUL;
            hash ^= hash >> 32;
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte b in bytes) hash = (hash ^ b) * 0x0000_0100_0000_01B3UL;
        hash *= 0xC4CE_B9FE_1A85_EC53UL;
        return (uint)(hash >> 32);
    }
}
