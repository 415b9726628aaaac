using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using OrleansLog.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers consumers that run with the host.</summary>
public static class HostedConsumerServiceCollectionExtensions
{
    /// <summary>
    /// Has the host run a member of a consumer group: <typeparamref name="THandler"/> is made for each record, in a scope of its own.
    /// Call <c>AddOrleansLogClient()</c> too.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets at least <see cref="HostedConsumerOptions.Topics"/> and the group's id.</param>
    /// <param name="keyDeserializer">Null takes the container's, or the built-in one for <typeparamref name="TKey"/>.</param>
    /// <param name="valueDeserializer">Null takes the container's, or the built-in one for <typeparamref name="TValue"/>.</param>
    /// <exception cref="ArgumentException">When the host starts: an option is out of its range; the message names it and the range.</exception>
    /// <example>
    /// <code>
    /// builder.Services.AddOrleansLogClient(options =&gt; options.BootstrapServers = ["10.0.0.1:9092"]);
    /// builder.Services.AddOrleansLogConsumer&lt;string, Order, BillingHandler&gt;(
    ///     options =&gt;
    ///     {
    ///         options.Topics = Subscription.To("orders");
    ///         options.Group.GroupId = "billing";
    ///         options.DeadLetterTopic = "orders-dead";
    ///     },
    ///     valueDeserializer: Serializers.Json(OrderContext.Default.Order));
    /// </code>
    /// </example>
    public static IServiceCollection AddOrleansLogConsumer<TKey, TValue, THandler>(
        this IServiceCollection services, Action<HostedConsumerOptions> configure,
        IDeserializer<TKey>? keyDeserializer = null, IDeserializer<TValue>? valueDeserializer = null)
        where THandler : class, IRecordHandler<TKey, TValue>
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddScoped<THandler>();

        // The same handler may be registered for several topics: each call has a consumer of its own.
        var thisOne = new object();
        services.AddKeyedSingleton(thisOne, (provider, _) => Create(provider));
        services.AddSingleton<IHostedConsumer>(provider => provider.GetRequiredKeyedService<HostedConsumer<TKey, TValue, THandler>>(thisOne));
        return services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<HostedConsumer<TKey, TValue, THandler>>(thisOne));

        HostedConsumer<TKey, TValue, THandler> Create(IServiceProvider provider)
        {
            var options = new HostedConsumerOptions();
            configure(options);
            return new HostedConsumer<TKey, TValue, THandler>(
                provider, (LogClientCore)provider.GetRequiredService<ILogClient>(), options,
                keyDeserializer ?? provider.GetService<IDeserializer<TKey>>() ?? Serializers.Default<TKey>(),
                valueDeserializer ?? provider.GetService<IDeserializer<TValue>>() ?? Serializers.Default<TValue>());
        }
    }

    /// <summary>Adds a health check that fails when a hosted consumer has ended by itself.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">Name of the check.</param>
    /// <param name="failureStatus">What it reports then; null: unhealthy.</param>
    /// <param name="tags">Tags of the check.</param>
    public static IHealthChecksBuilder AddOrleansLogConsumers(
        this IHealthChecksBuilder builder, string name = "orleanslog-consumers", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, static provider => new HostedConsumerHealthCheck(provider.GetServices<IHostedConsumer>()), failureStatus, tags));
    }
}
