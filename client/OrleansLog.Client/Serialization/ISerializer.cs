using System.Buffers;

namespace OrleansLog.Client;

/// <summary>Turns keys or values into bytes. Called from many threads at once.</summary>
/// <typeparam name="T">Type of the key or value.</typeparam>
/// <example>
/// <code>
/// sealed class PointSerializer : ISerializer&lt;Point&gt;, IDeserializer&lt;Point&gt;
/// {
///     public void Serialize(Point value, IBufferWriter&lt;byte&gt; output)
///     {
///         var span = output.GetSpan(8);
///         BinaryPrimitives.WriteInt32BigEndian(span, value.X);
///         BinaryPrimitives.WriteInt32BigEndian(span[4..], value.Y);
///         output.Advance(8);
///     }
///
///     public Point Deserialize(ReadOnlySpan&lt;byte&gt; data, bool isNull) =&gt;
///         new(BinaryPrimitives.ReadInt32BigEndian(data), BinaryPrimitives.ReadInt32BigEndian(data[4..]));
/// }
/// </code>
/// </example>
public interface ISerializer<in T>
{
    /// <summary>Writes a value; not called for those that <see cref="IsNull"/>.</summary>
    void Serialize(T value, IBufferWriter<byte> output);

    /// <summary>True for values that are stored as null, which is not the same as empty.</summary>
    bool IsNull(T value) => value is null;
}

/// <summary>Turns bytes into keys or values. Called by one reader at a time.</summary>
/// <typeparam name="T">Type of the key or value.</typeparam>
public interface IDeserializer<out T>
{
    /// <summary>Reads a value.</summary>
    /// <param name="data">The bytes; valid during the call only.</param>
    /// <param name="isNull">True when the record has null there, which is not the same as empty.</param>
    T Deserialize(ReadOnlySpan<byte> data, bool isNull);
}
