using System.Buffers.Binary;
using OrleansLog;
using OrleansLog.Protocol.Compression;
using OrleansLog.Testing;

namespace Interop.Tests;

/// <summary>What the broker has, seen past the client under test.</summary>
internal static class Stored
{
    private const int AttributesPosition = 21;
    private const int ProducerIdPosition = 43;
    private const int HeaderBytes = 61;
    private const int CodecMask = 7;

    /// <summary>The producer id of the first batch of partition 0, or -1.</summary>
    public static long ProducerId(TestBroker broker, string topic) => BinaryPrimitives.ReadInt64BigEndian(FirstHeader(broker, topic).AsSpan(ProducerIdPosition));

    /// <summary>The codec of the first batch of partition 0.</summary>
    public static string Codec(TestBroker broker, string topic) =>
        ((CompressionCodec)(BinaryPrimitives.ReadInt16BigEndian(FirstHeader(broker, topic).AsSpan(AttributesPosition)) & CodecMask)).ToString().ToLowerInvariant();

    /// <summary>The end offsets of a topic's partitions.</summary>
    public static async Task<long[]> EndsAsync(TestBroker broker, string topic, int partitions)
    {
        await using var log = broker.CreateClient();
        var found = await log.Admin.ListOffsetsAsync(
            Enumerable.Range(0, partitions).Select(partition => new ListOffsetsQuery(new TopicPartition(topic, partition), OffsetSpec.Latest)));
        return [.. found.Select(one => one.Offset)];
    }

    private static byte[] FirstHeader(TestBroker broker, string topic)
    {
        var segment = Path.Combine(broker.DataDirectory, $"{topic}-0", "00000000000000000000.log");
        using var file = new FileStream(segment, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var header = new byte[HeaderBytes];
        file.ReadExactly(header);
        return header;
    }
}
