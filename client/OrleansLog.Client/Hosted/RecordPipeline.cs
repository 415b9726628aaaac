using Microsoft.Extensions.DependencyInjection;

namespace OrleansLog.Client;

/// <summary>What happens to one record of a hosted consumer: attempts, waits between them, and what follows when all failed.</summary>
internal sealed class RecordPipeline<TKey, TValue, THandler>(
    IServiceProvider services, ClientContext client, HostedConsumerOptions options, IDeserializer<TKey> keys, IDeserializer<TValue> values,
    Func<ILogProducer<byte[]?, byte[]?>> deadLetters, Action<Exception> stop, CancellationToken abort)
    where THandler : class, IRecordHandler<TKey, TValue>
{
    private string GroupId => options.Group.GroupId;

    /// <summary>Handles a record; true when it is done with, whatever that took.</summary>
    public async Task<bool> RunAsync(ConsumeResult<byte[]?, byte[]?> raw, OffsetTracker tracker)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (abort.IsCancellationRequested || tracker.IsOver)
                return false;
            var error = await TryAsync(raw).ConfigureAwait(false);
            if (error is null)
            {
                ClientMetrics.Handled(GroupId, raw.Topic, "handled");
                return true;
            }

            if (abort.IsCancellationRequested)
                return false;
            if (error is RecordDeserializationException || attempt >= options.MaxAttempts)
                return await GiveUpAsync(raw, error, attempt).ConfigureAwait(false);
            client.Log.AttemptFailed(error, GroupId, raw.TopicPartition, raw.Offset, attempt, options.MaxAttempts);
            await WaitAsync(attempt - 1).ConfigureAwait(false);
        }
    }

    private async Task<Exception?> TryAsync(ConsumeResult<byte[]?, byte[]?> raw)
    {
        var started = client.Time.GetTimestamp();
        try
        {
            var record = Deserialize(raw);
            var scope = services.CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
            {
                var handler = scope.ServiceProvider.GetRequiredService<THandler>();
                await handler.HandleAsync(record, abort).ConfigureAwait(false);
            }

            return null;
        }
        catch (Exception error)
        {
            return error;
        }
        finally
        {
            ClientMetrics.Attempted(GroupId, client.Time.GetElapsedTime(started));
        }
    }

    private ConsumeResult<TKey, TValue> Deserialize(in ConsumeResult<byte[]?, byte[]?> raw)
    {
        var isKey = true;
        try
        {
            var key = keys.Deserialize(raw.Key, raw.Key is null);
            isKey = false;
            var value = values.Deserialize(raw.Value, raw.Value is null);
            return new ConsumeResult<TKey, TValue>(
                raw.TopicPartition, raw.Offset, raw.TimestampMs, raw.TimestampType, raw.LeaderEpoch, key, value, raw.Headers.ToArray());
        }
        catch (Exception error)
        {
            throw new RecordDeserializationException(raw.TopicPartition, raw.Offset, isKey, error);
        }
    }

    private async Task<bool> GiveUpAsync(ConsumeResult<byte[]?, byte[]?> raw, Exception error, int attempts)
    {
        client.Log.GaveUp(error, GroupId, raw.TopicPartition, raw.Offset, attempts);
        if (options.DeadLetterTopic is { } topic)
            return await BuryAsync(topic, raw, error, attempts).ConfigureAwait(false);
        if (options.SkipsFailed)
        {
            ClientMetrics.Handled(GroupId, raw.Topic, "skipped");
            return true;
        }

        stop(new InvalidOperationException(
            $"Record {raw.Offset} of {raw.TopicPartition} could not be handled; set DeadLetterTopic or SkipsFailed to go on without such records.", error));
        return false;
    }

    // The record is not done until it is certainly in the dead-letter topic; so this goes on until it is, or the host stops.
    private async Task<bool> BuryAsync(string topic, ConsumeResult<byte[]?, byte[]?> raw, Exception error, int attempts)
    {
        var record = new ProducerRecord<byte[]?, byte[]?>(topic, raw.Key, raw.Value) { Headers = DeadLetterHeaders.For(raw, GroupId, error, attempts) };
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await deadLetters().ProduceAsync(record, abort).ConfigureAwait(false);
                ClientMetrics.Handled(GroupId, raw.Topic, "dead_lettered");
                return true;
            }
            catch (Exception failure) when (!abort.IsCancellationRequested)
            {
                client.Log.DeadLetterFailed(failure, GroupId, raw.TopicPartition, raw.Offset, topic);
            }
            catch (Exception)
            {
                return false;
            }

            await WaitAsync(attempt).ConfigureAwait(false);
            if (abort.IsCancellationRequested)
                return false;
        }
    }

    private Task WaitAsync(int attempt) => Backoff.WaitAsync(attempt, options.RetryBackoffMs, options.RetryBackoffMaxMs, client.Time, abort)
        .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
