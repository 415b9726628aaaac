using System.Buffers;

namespace OrleansLog.Client;

/// <summary>A serializer and the deserializer that reads what it writes.</summary>
/// <typeparam name="T">Type of the key or value.</typeparam>
public abstract class Serde<T> : ISerializer<T>, IDeserializer<T>
{
    /// <inheritdoc/>
    public abstract void Serialize(T value, IBufferWriter<byte> output);

    /// <inheritdoc/>
    public virtual bool IsNull(T value) => value is null;

    /// <inheritdoc/>
    public abstract T Deserialize(ReadOnlySpan<byte> data, bool isNull);
}
