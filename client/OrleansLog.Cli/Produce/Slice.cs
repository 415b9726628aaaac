using System.Buffers;
using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary>A key or a value as bytes; null is kept apart from empty.</summary>
internal readonly record struct Slice(ReadOnlyMemory<byte> Bytes, bool IsNull = false)
{
    public static Slice Null => new(default, IsNull: true);
}

/// <summary>Copies a slice into the producer's batch.</summary>
internal sealed class SliceSerializer : ISerializer<Slice>
{
    public void Serialize(Slice value, IBufferWriter<byte> output) => output.Write(value.Bytes.Span);

    public bool IsNull(Slice value) => value.IsNull;
}

/// <summary>
/// Copies what was read into chunks that many records share: one allocation for tens of kilobytes instead of two for each record.
/// </summary>
internal sealed class SliceDeserializer : IDeserializer<Slice>
{
    private const int ChunkBytes = 64 * 1024;

    private byte[] _chunk = [];
    private int _used;

    public Slice Deserialize(ReadOnlySpan<byte> data, bool isNull)
    {
        if (isNull)
        {
            return Slice.Null;
        }

        if (data.Length > ChunkBytes / 4)
        {
            return new Slice(data.ToArray());
        }

        if (data.Length > _chunk.Length - _used)
        {
            _chunk = GC.AllocateUninitializedArray<byte>(ChunkBytes);
            _used = 0;
        }

        data.CopyTo(_chunk.AsSpan(_used));
        var slice = new Slice(_chunk.AsMemory(_used, data.Length));
        _used += data.Length;
        return slice;
    }
}
