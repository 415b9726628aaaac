using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orleans.Serialization;

namespace OrleansLog.Client;

/// <summary>The serializers that come with the SDK; big-endian numbers and UTF-8, as Kafka's own clients write them.</summary>
/// <example>
/// <code>
/// var producer = log.CreateProducer&lt;string, Order&gt;(valueSerializer: Serializers.Json(OrderContext.Default.Order));
/// var consumer = log.CreateConsumer&lt;string, Order&gt;(valueDeserializer: Serializers.Json(OrderContext.Default.Order));
/// </code>
/// </example>
public static class Serializers
{
    /// <summary>UTF-8 text.</summary>
    public static Serde<string?> Utf8 { get; } = new Utf8Serde();

    /// <summary>Bytes in an array of their own.</summary>
    public static Serde<byte[]?> Bytes { get; } = new ByteArraySerde();

    /// <summary>Bytes; reading copies them. Null is read as empty: use <see cref="Bytes"/> where that matters.</summary>
    public static Serde<ReadOnlyMemory<byte>> Memory { get; } = new MemorySerde();

    /// <summary>
    /// Bytes that are read without a copy: what is read is valid until the next record, or the next poll, is asked for.
    /// </summary>
    public static Serde<ReadOnlyMemory<byte>?> BorrowedMemory { get; } = new BorrowedMemorySerde();

    /// <summary>Always null; reading drops whatever is there.</summary>
    public static Serde<Unit> None { get; } = new UnitSerde();

    /// <summary>A 16-bit integer, 2 bytes.</summary>
    public static Serde<short> Int16 { get; } = new Int16Serde();

    /// <summary>A 32-bit integer, 4 bytes.</summary>
    public static Serde<int> Int32 { get; } = new Int32Serde();

    /// <summary>A 64-bit integer, 8 bytes.</summary>
    public static Serde<long> Int64 { get; } = new Int64Serde();

    /// <summary>An IEEE 754 single, 4 bytes.</summary>
    public static Serde<float> Single { get; } = new SingleSerde();

    /// <summary>An IEEE 754 double, 8 bytes.</summary>
    public static Serde<double> Double { get; } = new DoubleSerde();

    /// <summary>A UUID as text in UTF-8, as the Java client writes it.</summary>
    public static Serde<Guid> Guid { get; } = new GuidSerde();

    /// <summary>A value type or nothing.</summary>
    public static Serde<T?> Nullable<T>(Serde<T> inner) where T : struct => new NullableSerde<T>(inner);

    /// <summary>JSON by System.Text.Json with source-generated metadata; works trimmed and ahead of time.</summary>
    public static Serde<T?> Json<T>(JsonTypeInfo<T> typeInfo) => new JsonSerde<T>(typeInfo);

    /// <summary>JSON by System.Text.Json; finds the type's members by reflection.</summary>
    [System.Diagnostics.CodeAnalysis.RequiresUnreferencedCode("Use the overload with JsonTypeInfo in trimmed programs.")]
    [System.Diagnostics.CodeAnalysis.RequiresDynamicCode("Use the overload with JsonTypeInfo in programs compiled ahead of time.")]
    public static Serde<T?> Json<T>(JsonSerializerOptions? options = null)
    {
        options ??= JsonSerializerOptions.Web;
        options.MakeReadOnly(populateMissingResolver: true);
        return new JsonSerde<T>((JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)));
    }

    /// <summary>Orleans' serializer, for types with <c>[GenerateSerializer]</c>.</summary>
    /// <param name="serializer">From the program's services.</param>
    public static Serde<T?> Orleans<T>(Serializer<T> serializer) => new OrleansSerde<T>(serializer);

    /// <summary>The built-in one of a type: text, bytes, the numbers above, Guid, Unit, and the nullable ones of them.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static Serde<T> Default<T>() => (Serde<T>?)DefaultSerdes.Find(typeof(T)) ?? throw new NotSupportedException(
        $"There is no built-in serializer for {typeof(T)}; hand one in, such as Serializers.Json<{typeof(T).Name}>().");
}
