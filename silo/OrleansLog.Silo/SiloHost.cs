using System.Net;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansLog.Core.Configuration;
using OrleansLog.Hosting;
using OrleansLog.Silo.Http;
using OrleansLog.Silo.Logging;

namespace OrleansLog.Silo;

/// <summary>Builds the host: an Orleans silo that is a broker, and a web server where one is asked for.</summary>
internal static class SiloHost
{
    /// <summary>The pages are for a scraper and a few people; more would take the file handles of Kafka's clients.</summary>
    private const int MaxHttpConnections = 128;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    public static IHost Build(SiloArguments arguments, LineLoggerProvider logs)
    {
        var appSettings = ReadAppSettings();
        var options = new OrleansLogOptions();
        SiloSettings.Apply(options, arguments, appSettings);
        var config = options.Check().Value;
        var endpoints = Endpoints.Of(config);
        endpoints.MustBeFree();

        if (endpoints.Http is null)
        {
            var plain = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            Configure(plain, arguments, appSettings, logs, config, endpoints);
            return plain.Build();
        }

        var web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        web.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxHttpConnections;
            kestrel.Listen(endpoints.Http);
        });
        Configure(web, arguments, appSettings, logs, config, endpoints);
        MetricsPage.Add(web.Services);
        var app = web.Build();
        MetricsPage.Map(app);
        StatusPages.Map(app);
        return app;
    }

    private static IConfiguration ReadAppSettings()
    {
        const string Name = "appsettings.json";
        var folder = Directory.GetCurrentDirectory();
        try
        {
            return new ConfigurationBuilder().SetBasePath(folder).AddJsonFile(Name, optional: true).Build();
        }
        catch (InvalidDataException error)
        {
            throw new OrleansLogConfigurationException([new ConfigError(Path.Combine(folder, Name), null, $"JSON ({error.GetBaseException().Message})")]);
        }
    }

    private static void Configure(
        IHostApplicationBuilder builder, SiloArguments arguments, IConfiguration appSettings, LineLoggerProvider logs, BrokerConfig config, Endpoints endpoints)
    {
        builder.Services.AddSingleton(endpoints);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = StopTimeout);
        builder.Services.Configure<ConsoleLifetimeOptions>(o => o.SuppressStatusMessages = true);
        builder.Logging.ClearProviders().AddProvider(logs)
            .SetMinimumLevel(arguments.LogLevel == LogLevel.Warning ? LogLevel.Error : arguments.LogLevel)
            .AddFilter("OrleansLog", arguments.LogLevel)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None) // an error for each probe; the broker tells each change

            // The controller tells of a metadata log that fails, once; this would each time.
            .AddFilter("Orleans.Storage.AdoNetGrainStorage", LogLevel.Critical)

            // What Orleans tries again it tells itself.
            .AddFilter("Polly", arguments.LogLevel <= LogLevel.Debug ? arguments.LogLevel : LogLevel.None)
            .AddConfiguration(appSettings.GetSection("Logging"));
        builder.UseOrleans(silo =>
        {
            UseClustering(silo, config, endpoints);
            silo.Services.AddSingleton<IFatalErrorHandler>(static services => new SiloEnd(services.GetRequiredService<ILogger<SiloEnd>>(), Environment.Exit));
            silo.Configure<SiloOptions>(o => o.SiloName = $"{(config.IsBroker ? "broker" : "controller")}-{config.NodeId}");
            silo.AddOrleansLog(log => SiloSettings.Apply(log, arguments, appSettings));
        });
    }

    /// <summary>A cluster on PostgreSQL where its connection is given; otherwise of this one silo, which keeps the membership in its own memory.</summary>
    private static void UseClustering(ISiloBuilder silo, BrokerConfig config, Endpoints endpoints)
    {
        if (config.MetadataConnection is null && IPAddress.IsLoopback(endpoints.Listen))
        {
            silo.UseLocalhostClustering(endpoints.SiloPort, endpoints.GatewayPort, serviceId: config.ClusterName, clusterId: config.ClusterName);
            return;
        }

        var isAny = endpoints.Listen.Equals(IPAddress.Any) || endpoints.Listen.Equals(IPAddress.IPv6Any);
        var advertised = isAny ? OwnAddress() : endpoints.Listen;
        silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (config.ClusterName, config.ClusterName));
        silo.ConfigureEndpoints(advertised, endpoints.SiloPort, endpoints.GatewayPort, listenOnAnyHostAddress: isAny);
        if (config.MetadataConnection is null)
            silo.UseDevelopmentClustering(new IPEndPoint(advertised, endpoints.SiloPort));
        else
            silo.UseOrleansLogPostgresMembership(config);
    }

    private static IPAddress OwnAddress() =>
        Dns.GetHostAddresses(Dns.GetHostName(), System.Net.Sockets.AddressFamily.InterNetwork).FirstOrDefault(a => !IPAddress.IsLoopback(a))
        ?? throw new StartException("orleanslog.listen.address names all addresses, but this machine's name leads to none that others could reach: give one");
}
