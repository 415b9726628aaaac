using System.Buffers.Binary;

namespace OrleansLog.Protocol;

/// <summary>The hash by which the Java client (and every compatible one) chooses the partition of a key.</summary>
public static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint Multiplier = 0x5bd1e995;
    private const int Rotation = 24;

    /// <summary>32-bit murmur2, little-endian, seed 0x9747b28c.</summary>
    public static int Hash(ReadOnlySpan<byte> key)
    {
        unchecked
        {
            uint hash = Seed ^ (uint)key.Length;
            while (key.Length >= 4)
            {
                uint k = BinaryPrimitives.ReadUInt32LittleEndian(key) * Multiplier;
                k ^= k >> Rotation;
                hash = (hash * Multiplier) ^ (k * Multiplier);
                key = key[4..];
            }

            if (key.Length > 2) hash ^= (uint)key[2] << 16;
            if (key.Length > 1) hash ^= (uint)key[1] << 8;
            if (key.Length > 0) hash = (hash ^ key[0]) * Multiplier;
            hash = (hash ^ (hash >> 13)) * Multiplier;
            return (int)(hash ^ (hash >> 15));
        }
    }

    /// <summary>The partition of a key among <paramref name="partitions"/>: the hash without its sign, modulo.</summary>
    public static int Partition(ReadOnlySpan<byte> key, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return (Hash(key) & int.MaxValue) % partitions;
    }
}
