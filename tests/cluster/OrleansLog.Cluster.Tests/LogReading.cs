using OrleansLog.Client;
using OrleansLog.Cluster.Tests.History;

namespace OrleansLog.Cluster.Tests;

internal static class LogReading
{
    private const int RefusalAttemptsMax = 40;

    /// <summary>What a partition on an offline directory answers: the first at once, the second when the controller knows.</summary>
    public static readonly ErrorCode[] OfflineCodes = [ErrorCode.KafkaStorageError, ErrorCode.LeaderNotAvailable];

    /// <summary>Everything that a topic holds, partition by partition in offset order.</summary>
    public static async Task<IReadOnlyList<ReadRecord>> ReadAsync(this ILogClient client, string topic)
    {
        await using var consumer = client.CreateConsumer<Unit, string>();
        await consumer.AssignTopicAsync(topic, StartAt.Beginning);
        return await consumer.ReadEverythingAsync();
    }

    /// <summary>What one partition holds from a place on.</summary>
    public static async Task<IReadOnlyList<ReadRecord>> ReadAsync(this ILogClient client, TopicPartition partition, StartAt start)
    {
        await using var consumer = client.CreateConsumer<Unit, string>();
        consumer.Assign(partition, start);
        return await consumer.ReadEverythingAsync();
    }

    private static async Task<IReadOnlyList<ReadRecord>> ReadEverythingAsync(this ILogConsumer<Unit, string> consumer)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var read = new List<ReadRecord>();
        await foreach (var record in consumer.ReadToEndAsync(limit.Token))
        {
            read.Add(new ReadRecord(record.Partition, record.Offset, record.Value));
        }

        return [.. read.OrderBy(record => record.Partition)];
    }

    /// <summary>One record, sent and answered.</summary>
    public static async Task<DeliveryResult> SendAsync(this ILogClient client, TopicPartition partition, string value, int timeoutMs = 120_000)
    {
        await using var producer = client.CreateProducer<Unit, string>(new ProducerOptions { DeliveryTimeoutMs = timeoutMs });
        return await producer.ProduceAsync(new ProducerRecord<Unit, string>(partition.Topic, default, value) { Partition = partition.Partition });
    }

    /// <summary>Why a record was refused: what is behind a delivery timeout counts.</summary>
    public static ErrorCode CodeOf(LogException error) => (error.InnerException as LogException ?? error).Code;

    /// <summary>The code with which a partition refuses one record; the refusal behind a delivery timeout counts.</summary>
    public static async Task<ErrorCode> RefusalAsync(this ILogClient client, TopicPartition partition)
    {
        // A slow machine may let the time run out before any answer came: that is no refusal.
        for (var attempt = 1; ; attempt++)
        {
            var error = await Assert.ThrowsAnyAsync<LogException>(() => client.SendAsync(partition, "refused", timeoutMs: 3_000));
            var code = CodeOf(error);
            if (code != ErrorCode.RequestTimedOut || attempt == RefusalAttemptsMax)
                return code;
        }
    }
}
