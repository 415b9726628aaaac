using OrleansLog;
using OrleansLog.Client;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace Interop.Tests.Clients;

/// <summary>What our own SDK does with records, over the socket; its groups and administration have tests of their own.</summary>
internal static class Sdk
{
    public static async Task ProduceAsync(string bootstrapServers, string topic, string codec, IReadOnlyList<Rec> records)
    {
        await using var log = await LogClient.ConnectAsync(bootstrapServers);
        await using var producer = log.CreateProducer<byte[]?, byte[]?>(new ProducerOptions
        {
            Compression = Enum.Parse<CompressionCodec>(codec, ignoreCase: true),
        });
        await Task.WhenAll(records.Select(record => producer.ProduceAsync(new ProducerRecord<byte[]?, byte[]?>(topic, record.Key, record.Value)
        {
            Partition = 0,
            TimestampMs = record.Timestamp,
            Headers = record.Headers.Select(HeaderOf).ToArray(),
        }).AsTask()));
    }

    public static async Task<Rec[]> ConsumeAsync(string bootstrapServers, string topic)
    {
        await using var log = await LogClient.ConnectAsync(bootstrapServers);
        await using var consumer = log.CreateConsumer<byte[]?, byte[]?>();
        await consumer.AssignTopicAsync(topic, StartAt.Beginning);
        var records = new List<Rec>();
        await foreach (var record in consumer.ReadToEndAsync())
        {
            records.Add(new Rec
            {
                Offset = record.Offset,
                Key = record.Key,
                Value = record.Value,
                Timestamp = record.TimestampMs,
                Headers = [.. record.Headers.ToArray().Select(header => new[] { header.Key, header.ValueIsNull ? null : Convert.ToBase64String(header.Value.Span) })],
            });
        }

        return [.. records];
    }

    private static RecordHeader HeaderOf(string?[] header) =>
        header[1] is { } value ? new RecordHeader(header[0]!, Convert.FromBase64String(value)) : new RecordHeader(header[0]!);
}
