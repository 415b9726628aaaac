using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;

namespace OrleansLog.Client;

/// <summary>A value of one size, big-endian.</summary>
internal abstract class FixedSizeSerde<T>(int size) : Serde<T>
{
    public sealed override void Serialize(T value, IBufferWriter<byte> output)
    {
        Write(output.GetSpan(size), value);
        output.Advance(size);
    }

    public sealed override bool IsNull(T value) => false;

    public sealed override T Deserialize(ReadOnlySpan<byte> data, bool isNull) => isNull
        ? throw new InvalidDataException($"It is null; {typeof(T).Name}? reads nulls too.")
        : data.Length == size ? Read(data)
        : throw new InvalidDataException($"A {typeof(T).Name} has {size} bytes, not {data.Length}.");

    protected abstract void Write(Span<byte> output, T value);

    protected abstract T Read(ReadOnlySpan<byte> data);
}

internal sealed class Int16Serde() : FixedSizeSerde<short>(2)
{
    protected override void Write(Span<byte> output, short value) => BinaryPrimitives.WriteInt16BigEndian(output, value);

    protected override short Read(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadInt16BigEndian(data);
}

internal sealed class Int32Serde() : FixedSizeSerde<int>(4)
{
    protected override void Write(Span<byte> output, int value) => BinaryPrimitives.WriteInt32BigEndian(output, value);

    protected override int Read(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadInt32BigEndian(data);
}

internal sealed class Int64Serde() : FixedSizeSerde<long>(8)
{
    protected override void Write(Span<byte> output, long value) => BinaryPrimitives.WriteInt64BigEndian(output, value);

    protected override long Read(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadInt64BigEndian(data);
}

internal sealed class SingleSerde() : FixedSizeSerde<float>(4)
{
    protected override void Write(Span<byte> output, float value) => BinaryPrimitives.WriteSingleBigEndian(output, value);

    protected override float Read(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadSingleBigEndian(data);
}

internal sealed class DoubleSerde() : FixedSizeSerde<double>(8)
{
    protected override void Write(Span<byte> output, double value) => BinaryPrimitives.WriteDoubleBigEndian(output, value);

    protected override double Read(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadDoubleBigEndian(data);
}

internal sealed class GuidSerde() : FixedSizeSerde<Guid>(36)
{
    protected override void Write(Span<byte> output, Guid value) => Utf8Formatter.TryFormat(value, output, out _);

    protected override Guid Read(ReadOnlySpan<byte> data) => Utf8Parser.TryParse(data, out Guid value, out var consumed) && consumed == 36
        ? value
        : throw new InvalidDataException("The 36 bytes are not a UUID as text.");
}
