using System.Buffers;

namespace OrleansLog.Protocol.Compression;

/// <summary>Bytes in an array from the shared pool, which grows by doubling. A mutable struct: pass it by reference.</summary>
internal struct PooledBuffer : IDisposable
{
    private const int SmallestArray = 512;

    private byte[]? _array;

    /// <summary>Bytes in use, from the start.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that fit without growing.</summary>
    public readonly int Capacity => _array?.Length ?? 0;

    public readonly Span<byte> Written => _array.AsSpan(0, Length);

    public readonly Memory<byte> WrittenMemory => _array.AsMemory(0, Length);

    /// <summary>Everything behind what is in use.</summary>
    public readonly Span<byte> Free => _array.AsSpan(Length);

    public readonly Memory<byte> FreeMemory => _array.AsMemory(Length);

    /// <summary>Counts bytes of <see cref="Free"/> as in use.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(Capacity - Length), nameof(count));
        Length += count;
    }

    public void Clear() => Length = 0;

    /// <summary>Makes <see cref="Free"/> at least so long; asks for no more than twice what is there, or what is needed.</summary>
    public void Reserve(int freeBytes)
    {
        if (Capacity - Length >= freeBytes) return;
        long needed = (long)Length + freeBytes;
        if (needed > Array.MaxLength) throw new InvalidOperationException("A record batch cannot be larger than an array.");
        long wanted = Math.Min(Array.MaxLength, Math.Max(Math.Max(needed, 2L * Capacity), SmallestArray));
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)wanted);
        Written.CopyTo(larger);
        if (_array is not null) ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }

    /// <summary>Makes room behind the first bytes of <see cref="Free"/>, which are kept although they are not in use yet.</summary>
    public void ReserveKeepingFree(int freeBytesToKeep, int more)
    {
        if (Capacity - Length - freeBytesToKeep >= more) return;
        int inUse = Length;
        Length += freeBytesToKeep;
        Reserve(more);
        Length = inUse;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(Free);
        Length += bytes.Length;
    }

    public void Dispose()
    {
        byte[]? array = _array;
        _array = null;
        Length = 0;
        if (array is not null) ArrayPool<byte>.Shared.Return(array);
    }
}
