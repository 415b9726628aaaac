using OrleansLog.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the SDK.</summary>
public static class OrleansLogClientServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="ILogClient"/> and <see cref="ILogAdmin"/> over what the process has: the silo's own log, if
    /// <c>AddOrleansLog()</c> is here too (direct, no copy), or its Orleans client.
    /// </summary>
    public static IServiceCollection AddOrleansLogClient(this IServiceCollection services) => throw new NotImplementedException();

    /// <summary>Registers <see cref="ILogClient"/> and <see cref="ILogAdmin"/>, and an Orleans client that connects to the gateways.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static IServiceCollection AddOrleansLogClient(this IServiceCollection services, Action<LogClientOptions> configure) =>
        throw new NotImplementedException();

    /// <summary>Registers <see cref="ILogProducer{TKey,TValue}"/> as a singleton, which is flushed and closed with the container.</summary>
    public static IServiceCollection AddLogProducer<TKey, TValue>(
        this IServiceCollection services, Action<ProducerOptions>? configure = null,
        ISerializer<TKey>? keySerializer = null, ISerializer<TValue>? valueSerializer = null) => throw new NotImplementedException();

    /// <summary>Registers <see cref="ILogConsumer{TKey,TValue}"/>; each one that is resolved is new, because it has one reader.</summary>
    public static IServiceCollection AddLogConsumer<TKey, TValue>(
        this IServiceCollection services, Action<ConsumerOptions>? configure = null,
        IDeserializer<TKey>? keyDeserializer = null, IDeserializer<TValue>? valueDeserializer = null) => throw new NotImplementedException();
}
