using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansLog;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains;
using OrleansLog.Hosting;
using OrleansLog.Hosting.Health;
using OrleansLog.Kafka;

namespace Orleans.Hosting;

/// <summary>Turns a silo into a broker.</summary>
public static class OrleansLogSiloBuilderExtensions
{
    /// <summary>The section of the app's configuration that is read when no other is given.</summary>
    public const string SectionName = "OrleansLog";

    /// <summary>
    /// Makes this silo a broker of OrleansLog, beside whatever else it hosts. Settings come from the section <c>OrleansLog</c> of the app's
    /// configuration, and then from <paramref name="configure"/>. With <c>process.roles=controller</c> it may host the cluster's controller, and serves no
    /// data: then the app's grains on it find no producer and no consumer in process.
    /// </summary>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Settings in code; they go before the configuration's.</param>
    /// <exception cref="OrleansLogConfigurationException">A setting cannot be used.</exception>
    /// <example>
    /// <code>
    /// builder.UseOrleans(silo => silo.UseLocalhostClustering().AddOrleansLog());
    /// </code>
    /// </example>
    public static ISiloBuilder AddOrleansLog(this ISiloBuilder builder, Action<OrleansLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddOrleansLog(builder.Configuration.GetSection(SectionName), configure);
    }

    /// <summary>Makes this silo a broker of OrleansLog, with the settings of a section of one's own.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="section">The section with the settings.</param>
    /// <param name="configure">Settings in code; they go before the section's.</param>
    /// <exception cref="OrleansLogConfigurationException">A setting cannot be used.</exception>
    public static ISiloBuilder AddOrleansLog(this ISiloBuilder builder, IConfiguration section, Action<OrleansLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(section);
        if (builder.Services.Any(s => s.ServiceType == typeof(BrokerConfig)))
        {
            throw new InvalidOperationException("AddOrleansLog was called twice for this silo; a silo is one broker.");
        }

        var options = new OrleansLogOptions();
        options.AddConfiguration(section);
        configure?.Invoke(options);
        var config = options.Check();

        builder.Services.AddSingleton(config.Value);
        builder.Services.AddSingleton(new StartNotices(config.Notices));
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, StartReport>();
        builder.Services.AddSerializer(s => s.AddAssembly(typeof(IBrokerGrain).Assembly).AddAssembly(typeof(BrokerSession).Assembly));
        if (config.Value.IsBroker)
        {
            builder.Services.AddBroker();
        }
        else
        {
            builder.Services.AddOrleansLogControllerAlone();
            builder.Services.TryAddSingleton<NodeStatus, ControllerStatus>();
        }

        builder.AddMetadataStorage(options, config.Value);
        builder.Services.TryAddSingleton<ReadinessLog>();
        builder.Services.AddHealthChecks().AddCheck<NodeHealthCheck>("orleanslog", tags: ["ready"]);
        return builder;
    }

    private static void AddBroker(this IServiceCollection services)
    {
        services.AddOrleansLogController();
        services.AddOrleansLogBroker();
        services.AddOrleansLogKafka();
        services.TryAddSingleton<BrokerStatus>();
        services.TryAddSingleton<NodeStatus>(static provider => provider.GetRequiredService<BrokerStatus>());
    }

    private static void AddMetadataStorage(this ISiloBuilder builder, OrleansLogOptions options, BrokerConfig config)
    {
        var isThere = builder.Services.Any(s =>
            s.ServiceType == typeof(IGrainStorage) && s.IsKeyedService && Equals(s.ServiceKey, OrleansLogOptions.MetadataStorageName));
        if (isThere)
        {
            return;
        }

        if (config.MetadataConnection is { } connection)
        {
            builder.AddOrleansLogPostgresMetadata(connection, TimeSpan.FromMilliseconds(config.MetadataConnectTimeoutMs));
        }
        else if (options.UseSqliteMetadata)
        {
            builder.AddOrleansLogSqliteMetadata(Path.Combine(config.MetadataLogDir, "orleanslog-metadata.db"));
        }
    }
}
