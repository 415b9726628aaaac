using System.Buffers;
using System.Text;

namespace OrleansLog.Client;

internal sealed class Utf8Serde : Serde<string?>
{
    public override void Serialize(string? value, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(value!.Length));
        output.Advance(Encoding.UTF8.GetBytes(value, span));
    }

    public override string? Deserialize(ReadOnlySpan<byte> data, bool isNull) => isNull ? null : Encoding.UTF8.GetString(data);
}

internal sealed class ByteArraySerde : Serde<byte[]?>, IBytesView<byte[]?>
{
    public override void Serialize(byte[]? value, IBufferWriter<byte> output) => output.Write(value);

    public override byte[]? Deserialize(ReadOnlySpan<byte> data, bool isNull) => isNull ? null : data.ToArray();

    public ReadOnlySpan<byte> View(byte[]? value) => value;
}

internal sealed class MemorySerde : Serde<ReadOnlyMemory<byte>>, IBytesView<ReadOnlyMemory<byte>>
{
    public override void Serialize(ReadOnlyMemory<byte> value, IBufferWriter<byte> output) => output.Write(value.Span);

    public override bool IsNull(ReadOnlyMemory<byte> value) => false;

    public override ReadOnlyMemory<byte> Deserialize(ReadOnlySpan<byte> data, bool isNull) => data.ToArray();

    public ReadOnlySpan<byte> View(ReadOnlyMemory<byte> value) => value.Span;
}

/// <summary>A deserializer that may keep the memory until the consumer moves on.</summary>
internal interface IMemoryView<out T>
{
    T View(ReadOnlyMemory<byte> data, bool isNull);
}

internal sealed class BorrowedMemorySerde : Serde<ReadOnlyMemory<byte>?>, IMemoryView<ReadOnlyMemory<byte>?>, IBytesView<ReadOnlyMemory<byte>?>
{
    public override void Serialize(ReadOnlyMemory<byte>? value, IBufferWriter<byte> output) => output.Write(value!.Value.Span);

    // A bare null would become an array's, and that an empty memory.
    public override ReadOnlyMemory<byte>? Deserialize(ReadOnlySpan<byte> data, bool isNull) =>
        isNull ? default(ReadOnlyMemory<byte>?) : data.ToArray();

    public ReadOnlySpan<byte> View(ReadOnlyMemory<byte>? value) => value!.Value.Span;

    ReadOnlyMemory<byte>? IMemoryView<ReadOnlyMemory<byte>?>.View(ReadOnlyMemory<byte> data, bool isNull) =>
        isNull ? default(ReadOnlyMemory<byte>?) : data;
}

internal sealed class UnitSerde : Serde<Unit>
{
    public override void Serialize(Unit value, IBufferWriter<byte> output)
    {
    }

    public override bool IsNull(Unit value) => true;

    public override Unit Deserialize(ReadOnlySpan<byte> data, bool isNull) => default;
}

internal sealed class NullableSerde<T>(Serde<T> inner) : Serde<T?> where T : struct
{
    public override void Serialize(T? value, IBufferWriter<byte> output) => inner.Serialize(value!.Value, output);

    public override bool IsNull(T? value) => value is null || inner.IsNull(value.Value);

    public override T? Deserialize(ReadOnlySpan<byte> data, bool isNull) => isNull ? null : inner.Deserialize(data, false);
}
