using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OrleansLog;
using OrleansLog.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the SDK.</summary>
public static class OrleansLogClientServiceCollectionExtensions
{
    /// <summary>The section of the configuration that <see cref="AddOrleansLogClient(IServiceCollection)"/> reads; its keys are those of <see cref="LogClientOptions"/>.</summary>
    public const string SectionName = "OrleansLog:Client";

    /// <summary>
    /// Registers <see cref="ILogClient"/> and <see cref="ILogAdmin"/> over what the process has: the silo's own log, if
    /// <c>AddOrleansLog()</c> is here too (direct, without a network); or what <see cref="SectionName"/> of the configuration names;
    /// or its Orleans client; or the Kafka socket of a broker on this machine.
    /// </summary>
    public static IServiceCollection AddOrleansLogClient(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<ILogClient>(static provider => CreateClient(provider));
        services.TryAddSingleton<ILogAdmin>(static provider => provider.GetRequiredService<ILogClient>().Admin);
        return services;
    }

    /// <summary>
    /// Registers <see cref="ILogClient"/> and <see cref="ILogAdmin"/> over the Kafka socket; or, where <see cref="LogClientOptions.Gateways"/>
    /// is set, over an Orleans client that connects to them, which is registered, too.
    /// </summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <example>
    /// <code>
    /// builder.Services.AddOrleansLogClient(options =&gt; options.BootstrapServers = ["10.0.0.1:9092", "10.0.0.2:9092"]);
    /// builder.Services.AddLogProducer&lt;string, string&gt;();
    /// </code>
    /// </example>
    public static IServiceCollection AddOrleansLogClient(this IServiceCollection services, Action<LogClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new LogClientOptions();
        configure(options);
        return services.AddOrleansLogClient(options);
    }

    /// <summary>As <see cref="AddOrleansLogClient(IServiceCollection, Action{LogClientOptions})"/>, with the options of a configuration section.</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or a key of the section is none of <see cref="LogClientOptions"/>.</exception>
    /// <example>
    /// <code>
    /// // appsettings.json: { "OrleansLog": { "Client": { "BootstrapServers": "10.0.0.1:9092,10.0.0.2:9092", "ClientId": "orders" } } }
    /// builder.Services.AddOrleansLogClient(builder.Configuration.GetSection("OrleansLog:Client"));
    /// </code>
    /// </example>
    public static IServiceCollection AddOrleansLogClient(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        return services.AddOrleansLogClient(Read(configuration));
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

    private static IServiceCollection AddOrleansLogClient(this IServiceCollection services, LogClientOptions options)
    {
        var copy = options.Snapshot();
        if (copy.Gateways.Count > 0)
            OrleansConnection.AddTo(services, copy);
        else
            _ = KafkaAddress.ParseAll(copy.BootstrapServers);
        services.AddSingleton(copy);
        return services.AddOrleansLogClient();
    }

    // A list may be written as one text, as Kafka's clients do.
    private static LogClientOptions Read(IConfiguration configuration)
    {
        SectionKeys.ThrowIfUnknown<LogClientOptions>(configuration);
        var options = configuration.Get<LogClientOptions>() ?? new LogClientOptions();
        if (configuration[nameof(options.BootstrapServers)] is { } servers)
            options.BootstrapServers = [servers];
        if (configuration[nameof(options.Gateways)] is { } gateways)
            options.Gateways = gateways.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return options;
    }

    private static ILogClient CreateClient(IServiceProvider provider)
    {
        var time = provider.GetService<TimeProvider>() ?? TimeProvider.System;
        var logger = provider.GetService<ILoggerFactory>()?.CreateLogger("OrleansLog.Client");
        if (provider.GetService<ILogTransport>() is { } transport)
            return LogClient.Create(transport, provider.GetRequiredService<IAdminTransport>(), provider.GetService<IGroupTransport>(), time, logger, null);
        var options = provider.GetService<LogClientOptions>();
        if (options is null && provider.GetService<IConfiguration>()?.GetSection(SectionName) is { } section && section.Exists())
            options = Read(section);
        if (options is { Gateways.Count: 0 } || provider.GetService<Orleans.IClusterClient>() is not { } cluster)
            return LogClient.OverKafka(options ?? new LogClientOptions(), time, logger);
        var overOrleans = new OrleansTransport(cluster);
        return LogClient.Create(overOrleans, overOrleans, overOrleans, time, logger, null);
    }
}
