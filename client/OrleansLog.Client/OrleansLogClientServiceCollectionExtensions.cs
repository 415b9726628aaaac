using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OrleansLog;
using OrleansLog.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the SDK.</summary>
public static class OrleansLogClientServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="ILogClient"/> and <see cref="ILogAdmin"/> over what the process has: the silo's own log, if
    /// <c>AddOrleansLog()</c> is here too (direct, without a network), or its Orleans client.
    /// </summary>
    public static IServiceCollection AddOrleansLogClient(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<ILogClient>(static provider => CreateClient(provider));
        services.TryAddSingleton<ILogAdmin>(static provider => provider.GetRequiredService<ILogClient>().Admin);
        return services;
    }

    /// <summary>Registers <see cref="ILogClient"/> and <see cref="ILogAdmin"/>, and an Orleans client that connects to the gateways.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <example>
    /// <code>
    /// builder.Services.AddOrleansLogClient(options =&gt; options.Gateways = ["10.0.0.1:30000", "10.0.0.2:30000"]);
    /// builder.Services.AddLogProducer&lt;string, string&gt;();
    /// </code>
    /// </example>
    public static IServiceCollection AddOrleansLogClient(this IServiceCollection services, Action<LogClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new LogClientOptions();
        configure(options);
        OrleansConnection.AddTo(services, options);
        return services.AddOrleansLogClient();
    }

    /// <summary>Registers <see cref="ILogProducer{TKey,TValue}"/> as a singleton, which is flushed and closed with the container.</summary>
    public static IServiceCollection AddLogProducer<TKey, TValue>(
        this IServiceCollection services, Action<ProducerOptions>? configure = null,
        ISerializer<TKey>? keySerializer = null, ISerializer<TValue>? valueSerializer = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton(provider =>
        {
            var options = new ProducerOptions();
            configure?.Invoke(options);
            return provider.GetRequiredService<ILogClient>().CreateProducer(
                options,
                keySerializer ?? provider.GetService<ISerializer<TKey>>(),
                valueSerializer ?? provider.GetService<ISerializer<TValue>>());
        });
    }

    /// <summary>Registers <see cref="ILogConsumer{TKey,TValue}"/>; each one that is resolved is new, because it has one reader.</summary>
    public static IServiceCollection AddLogConsumer<TKey, TValue>(
        this IServiceCollection services, Action<ConsumerOptions>? configure = null,
        IDeserializer<TKey>? keyDeserializer = null, IDeserializer<TValue>? valueDeserializer = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddTransient(provider =>
        {
            var options = new ConsumerOptions();
            configure?.Invoke(options);
            return provider.GetRequiredService<ILogClient>().CreateConsumer(
                options,
                keyDeserializer ?? provider.GetService<IDeserializer<TKey>>(),
                valueDeserializer ?? provider.GetService<IDeserializer<TValue>>());
        });
    }

    private static ILogClient CreateClient(IServiceProvider provider)
    {
        var time = provider.GetService<TimeProvider>() ?? TimeProvider.System;
        var logger = provider.GetService<ILoggerFactory>()?.CreateLogger("OrleansLog.Client");
        if (provider.GetService<ILogTransport>() is { } transport)
            return LogClient.Create(transport, provider.GetRequiredService<IAdminTransport>(), provider.GetService<IGroupTransport>(), time, logger, null);
        if (provider.GetService<Orleans.IClusterClient>() is not { } cluster)
        {
            throw new InvalidOperationException(
                "There is neither a silo with AddOrleansLog() nor an Orleans client here: call UseOrleansClient(), or "
                + "AddOrleansLogClient(options => options.Gateways = [\"host:port\"]).");
        }

        var overOrleans = new OrleansTransport(cluster);
        return LogClient.Create(overOrleans, overOrleans, overOrleans, time, logger, null);
    }
}
