namespace OrleansLog.Client;

/// <summary>
/// Writes records. Thread-safe. Records of one caller for one partition are stored in the order of the calls, also when the
/// calls are not awaited one by one.
/// </summary>
/// <typeparam name="TKey">Type of the keys; <see cref="Unit"/> where there are none.</typeparam>
/// <typeparam name="TValue">Type of the values.</typeparam>
/// <example>
/// One record at a time, knowing where it went:
/// <code>
/// var delivery = await producer.ProduceAsync("orders", order.Id, order);
/// Console.WriteLine($"{delivery.Partition}@{delivery.Offset}");
/// </code>
/// Many records, each outcome handled:
/// <code>
/// DeliveryHandler handler = static (in DeliveryReport report) =&gt;
/// {
///     if (report.Error is { } error)
///         Console.Error.WriteLine(error.Message);
/// };
/// foreach (var order in orders)
///     await producer.Produce("orders", order.Id, order, handler);
/// await producer.FlushAsync();
/// </code>
/// </example>
public interface ILogProducer<TKey, TValue> : IAsyncDisposable
{
    /// <summary>Writes a record and completes once its outcome is known.</summary>
    /// <param name="record">What to write and where.</param>
    /// <param name="cancellationToken">Honoured until the record is in the buffer; from there on it is delivered.</param>
    /// <returns>Where it is. With <see cref="Acks.None"/> the offset is -1.</returns>
    /// <exception cref="DeliveryUnknownException">The record may or may not be in the log.</exception>
    /// <exception cref="DeliveryTimeoutException">It is not in the log; nobody took it in time.</exception>
    /// <exception cref="RecordTooLargeException">It is not in the log; it is over a limit.</exception>
    /// <exception cref="RecordRefusedException">It is not in the log; the broker says what is wrong with it.</exception>
    /// <exception cref="BatchRefusedException">It is not in the log, because other records of its batch were refused; produce it again.</exception>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    /// <exception cref="BufferFullException">There was no room in the buffer for <see cref="ProducerOptions.MaxBlockMs"/>.</exception>
    /// <exception cref="RecordSerializationException">A serializer threw.</exception>
    ValueTask<DeliveryResult> ProduceAsync(ProducerRecord<TKey, TValue> record, CancellationToken cancellationToken = default);

    /// <summary>Writes a record and completes once its outcome is known.</summary>
    ValueTask<DeliveryResult> ProduceAsync(string topic, TKey key, TValue value, CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts a record into the buffer. Completes as soon as it is there, which is at once unless the buffer is full
    /// (back-pressure); the outcome comes to the handler. Allocates nothing for a record.
    /// </summary>
    /// <param name="record">What to write and where.</param>
    /// <param name="handler">Called once for the record, on a thread of the pool, in offset order for each partition; must not block.
    /// Null drops the outcome.</param>
    /// <param name="state">Handed to the handler.</param>
    /// <param name="cancellationToken">Honoured while waiting for room.</param>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    /// <exception cref="BufferFullException">There was no room in the buffer for <see cref="ProducerOptions.MaxBlockMs"/>.</exception>
    /// <exception cref="RecordTooLargeException">The record is over the producer's limit.</exception>
    /// <exception cref="RecordSerializationException">A serializer threw.</exception>
    ValueTask Produce(
        ProducerRecord<TKey, TValue> record, DeliveryHandler? handler = null, object? state = null, CancellationToken cancellationToken = default);

    /// <summary>Puts a record into the buffer; see the other overload.</summary>
    ValueTask Produce(
        string topic, TKey key, TValue value, DeliveryHandler? handler = null, object? state = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends what the buffer holds, without waiting for <see cref="ProducerOptions.LingerMs"/>, and completes once the outcome of
    /// every record that was produced before the call is known and its handler has run.
    /// </summary>
    /// <remarks>Does not throw for records that failed; their handlers and tasks tell.</remarks>
    Task FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes no more records, flushes, and frees the buffers. When the token fires first, what was not sent yet fails with
    /// <see cref="ProducerClosedException"/> and what is under way with <see cref="DeliveryUnknownException"/>.
    /// </summary>
    /// <remarks><see cref="IAsyncDisposable.DisposeAsync"/> is the same without a limit but <see cref="ProducerOptions.DeliveryTimeoutMs"/>.</remarks>
    Task CloseAsync(CancellationToken cancellationToken = default);
}
