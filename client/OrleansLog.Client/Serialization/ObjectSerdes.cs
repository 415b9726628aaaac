using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orleans.Serialization;

namespace OrleansLog.Client;

internal sealed class JsonSerde<T>(JsonTypeInfo<T> typeInfo) : Serde<T?>
{
    [ThreadStatic] private static Utf8JsonWriter? s_writer;

    private readonly JsonTypeInfo<T> _typeInfo = typeInfo ?? throw new ArgumentNullException(nameof(typeInfo));

    public override void Serialize(T? value, IBufferWriter<byte> output)
    {
        var writer = s_writer;
        s_writer = null; // A converter that produces JSON records itself gets a writer of its own.
        if (writer is null)
            writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        else
            writer.Reset(output);
        JsonSerializer.Serialize(writer, value!, _typeInfo);
        writer.Flush();
        writer.Reset(Stream.Null);
        s_writer = writer;
    }

    public override T? Deserialize(ReadOnlySpan<byte> data, bool isNull) => isNull ? default : JsonSerializer.Deserialize(data, _typeInfo);
}

internal sealed class OrleansSerde<T>(Serializer<T> serializer) : Serde<T?>
{
    private readonly Serializer<T> _serializer = serializer ?? throw new ArgumentNullException(nameof(serializer));

    public override void Serialize(T? value, IBufferWriter<byte> output) => _serializer.Serialize(value!, output);

    public override T? Deserialize(ReadOnlySpan<byte> data, bool isNull) => isNull ? default : _serializer.Deserialize(data);
}

internal static class DefaultSerdes
{
    private static readonly Dictionary<Type, object> ByType = new()
    {
        [typeof(string)] = Serializers.Utf8,
        [typeof(byte[])] = Serializers.Bytes,
        [typeof(ReadOnlyMemory<byte>)] = Serializers.Memory,
        [typeof(ReadOnlyMemory<byte>?)] = Serializers.Nullable(Serializers.Memory),
        [typeof(Unit)] = Serializers.None,
        [typeof(short)] = Serializers.Int16,
        [typeof(short?)] = Serializers.Nullable(Serializers.Int16),
        [typeof(int)] = Serializers.Int32,
        [typeof(int?)] = Serializers.Nullable(Serializers.Int32),
        [typeof(long)] = Serializers.Int64,
        [typeof(long?)] = Serializers.Nullable(Serializers.Int64),
        [typeof(float)] = Serializers.Single,
        [typeof(float?)] = Serializers.Nullable(Serializers.Single),
        [typeof(double)] = Serializers.Double,
        [typeof(double?)] = Serializers.Nullable(Serializers.Double),
        [typeof(Guid)] = Serializers.Guid,
        [typeof(Guid?)] = Serializers.Nullable(Serializers.Guid),
    };

    public static object? Find(Type type) => ByType.GetValueOrDefault(type);
}
