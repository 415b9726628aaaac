namespace OrleansLog.Client;

/// <summary>A client: its context, and what has to be closed with it.</summary>
internal sealed class LogClientCore(ClientContext context, IAsyncDisposable? connection) : ILogClient
{
    public ClientContext Context => context;

    public ILogAdmin Admin { get; } = new LogAdmin(context);

    public ILogProducer<TKey, TValue> CreateProducer<TKey, TValue>(
        ProducerOptions? options = null, ISerializer<TKey>? keySerializer = null, ISerializer<TValue>? valueSerializer = null) =>
        new LogProducer<TKey, TValue>(
            new ProducerCore(context, (options ?? new ProducerOptions()).Snapshot()),
            keySerializer ?? Serializers.Default<TKey>(),
            valueSerializer ?? Serializers.Default<TValue>());

    public ILogConsumer<TKey, TValue> CreateConsumer<TKey, TValue>(
        ConsumerOptions? options = null, IDeserializer<TKey>? keyDeserializer = null, IDeserializer<TValue>? valueDeserializer = null) =>
        new LogConsumer<TKey, TValue>(
            new ConsumerCore(context, (options ?? new ConsumerOptions()).Snapshot()),
            context.Time,
            keyDeserializer ?? Serializers.Default<TKey>(),
            valueDeserializer ?? Serializers.Default<TValue>());

    public ValueTask DisposeAsync() => connection?.DisposeAsync() ?? default;
}
