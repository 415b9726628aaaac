using System.Buffers.Binary;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Kafka.Tests.Golden;

/// <summary>Changes in a recorded batch that stand for what the broker gave out.</summary>
internal static class RecordedBatch
{
    private const int CrcAt = 17;
    private const int CoveredFrom = 21;
    private const int ProducerIdAt = 43;

    public static void SetProducerId(Span<byte> batch, long producerId)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch[ProducerIdAt..], producerId);
        BinaryPrimitives.WriteUInt32BigEndian(batch[CrcAt..], Crc32C.Compute(batch[CoveredFrom..]));
    }
}
