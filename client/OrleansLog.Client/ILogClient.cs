namespace OrleansLog.Client;

/// <summary>
/// A connection to one OrleansLog cluster, and the factory of what works on it. Thread-safe; one for each process is enough.
/// </summary>
/// <example>
/// <code>
/// await using var log = await LogClient.ConnectAsync("127.0.0.1:9092");
/// await using var producer = log.CreateProducer&lt;string, string&gt;();
/// var delivery = await producer.ProduceAsync("greetings", "world", "hello");
/// </code>
/// </example>
public interface ILogClient : IAsyncDisposable
{
    /// <summary>Topics, configurations, offsets, brokers.</summary>
    ILogAdmin Admin { get; }

    /// <summary>Makes a producer. Share one for each kind of record; it is thread-safe and batches better the more it is shared.</summary>
    /// <param name="options">Settings; null takes the defaults.</param>
    /// <param name="keySerializer">Null takes the built-in one for <typeparamref name="TKey"/>.</param>
    /// <param name="valueSerializer">Null takes the built-in one for <typeparamref name="TValue"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it and the range.</exception>
    /// <exception cref="NotSupportedException">There is no built-in serializer for a type.</exception>
    ILogProducer<TKey, TValue> CreateProducer<TKey, TValue>(
        ProducerOptions? options = null, ISerializer<TKey>? keySerializer = null, ISerializer<TValue>? valueSerializer = null);

    /// <summary>Makes a consumer; it has one reader at a time.</summary>
    /// <param name="options">Settings; null takes the defaults.</param>
    /// <param name="keyDeserializer">Null takes the built-in one for <typeparamref name="TKey"/>.</param>
    /// <param name="valueDeserializer">Null takes the built-in one for <typeparamref name="TValue"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it and the range.</exception>
    /// <exception cref="NotSupportedException">There is no built-in deserializer for a type.</exception>
    ILogConsumer<TKey, TValue> CreateConsumer<TKey, TValue>(
        ConsumerOptions? options = null, IDeserializer<TKey>? keyDeserializer = null, IDeserializer<TValue>? valueDeserializer = null);
}
