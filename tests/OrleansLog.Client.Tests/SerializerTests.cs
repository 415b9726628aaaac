using System.Buffers;
using System.Text.Json.Serialization;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace OrleansLog.Client.Tests;

public sealed partial class SerializerTests
{
    [Fact]
    public void Numbers_are_big_endian_as_kafkas()
    {
        Assert.Equal("0102", Hex(Serializers.Int16, (short)0x0102));
        Assert.Equal("01020304", Hex(Serializers.Int32, 0x01020304));
        Assert.Equal("FFFFFFFFFFFFFFFE", Hex(Serializers.Int64, -2));
        Assert.Equal("3F800000", Hex(Serializers.Single, 1f));
        Assert.Equal("3FF0000000000000", Hex(Serializers.Double, 1d));
        Assert.Equal("C3A9", Hex(Serializers.Utf8, "é"));
    }

    [Fact]
    public void Whatever_is_written_is_read_back()
    {
        Gen.Short.Sample(static value => Assert.Equal(value, RoundTrip(Serializers.Int16, value)));
        Gen.Int.Sample(static value => Assert.Equal(value, RoundTrip(Serializers.Int32, value)));
        Gen.Long.Sample(static value => Assert.Equal(value, RoundTrip(Serializers.Int64, value)));
        Gen.Double.Sample(static value => Assert.Equal(value, RoundTrip(Serializers.Double, value)));
        Gen.Float.Sample(static value => Assert.Equal(value, RoundTrip(Serializers.Single, value)));
        Gen.Guid.Sample(static value => Assert.Equal(value, RoundTrip(Serializers.Guid, value)));
        Gen.String[Gen.Char.AlphaNumeric, 0, 300].Sample(static value => Assert.Equal(value, RoundTrip(Serializers.Utf8, value)));
        Gen.Byte.Array[0, 300].Sample(static value => Assert.Equal(value, RoundTrip(Serializers.Bytes, value)));
    }

    [Fact]
    public void A_guid_is_text_as_the_java_client_writes_it()
    {
        var id = Guid.NewGuid();
        Assert.Equal(System.Text.Encoding.ASCII.GetBytes(id.ToString("D")), Written(Serializers.Guid, id));
    }

    [Fact]
    public void Lengths_that_cannot_be_are_refused()
    {
        Assert.Contains("4 bytes, not 3", Assert.Throws<InvalidDataException>(() => Serializers.Int32.Deserialize(new byte[3], false)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => Serializers.Int32.Deserialize(default, isNull: true));
        Assert.Throws<InvalidDataException>(() => Serializers.Guid.Deserialize(new byte[36], false));
    }

    [Fact]
    public void Nullable_numbers_know_null()
    {
        var serde = Serializers.Default<int?>();
        Assert.True(serde.IsNull(null));
        Assert.False(serde.IsNull(0));
        Assert.Null(serde.Deserialize(default, isNull: true));
        Assert.Equal(7, RoundTrip(serde, 7));
        Assert.True(Serializers.None.IsNull(default));
    }

    [Fact]
    public void Json_works_by_reflection_and_from_generated_metadata()
    {
        var order = new Order("a-1", 12.5m, ["x", "y"]);
        foreach (var serde in new[] { Serializers.Json<Order>(), Serializers.Json(OrderContext.Default.Order) })
        {
            var back = RoundTrip(serde, order);
            Assert.Equal((order.Id, order.Amount), (back!.Id, back.Amount));
            Assert.Equal(order.Lines, back.Lines);
            Assert.Null(serde.Deserialize(default, isNull: true));
        }

        Assert.StartsWith("{\"id\":\"a-1\"", System.Text.Encoding.UTF8.GetString(Written(Serializers.Json<Order>(), order)), StringComparison.Ordinal);
    }

    [Fact]
    public void Orleans_serializer_works_for_generated_types()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serde = Serializers.Orleans(services.GetRequiredService<Serializer<TopicPartition>>());
        Assert.Equal(new TopicPartition("t", 3), RoundTrip(serde, new TopicPartition("t", 3)));
    }

    private static byte[] Written<T>(ISerializer<T> serializer, T value)
    {
        var writer = new ArrayBufferWriter<byte>();
        serializer.Serialize(value, writer);
        return writer.WrittenSpan.ToArray();
    }

    private static string Hex<T>(ISerializer<T> serializer, T value) => Convert.ToHexString(Written(serializer, value));

    private static T RoundTrip<T>(Serde<T> serde, T value) => serde.Deserialize(Written(serde, value), false);

    internal sealed record Order(string Id, decimal Amount, string[] Lines);

    [JsonSerializable(typeof(Order))]
    internal sealed partial class OrderContext : JsonSerializerContext;
}
