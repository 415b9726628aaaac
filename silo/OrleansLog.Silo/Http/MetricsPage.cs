using OpenTelemetry.Metrics;

namespace OrleansLog.Silo.Http;

/// <summary>/metrics in Prometheus' text form: the broker's meter, Orleans' and the runtime's. Exists only with the HTTP port.</summary>
internal static class MetricsPage
{
    /// <summary>Series of one metric that are kept; a topic beyond it is counted in one series of the rest. Memory is taken for all at once.</summary>
    private const int MaxSeries = 2_000;

    /// <summary>Orleans has many instruments, each with few series.</summary>
    private const int MaxForeignSeries = 100;

    public static void Add(IServiceCollection services) => services.AddOpenTelemetry().WithMetrics(metrics => metrics
        .AddMeter("OrleansLog", "Microsoft.Orleans", "System.Runtime")
        .AddView(instrument => new MetricStreamConfiguration { CardinalityLimit = instrument.Meter.Name == "OrleansLog" ? MaxSeries : MaxForeignSeries })
        .AddPrometheusExporter());

    public static void Map(WebApplication app) => app.UseOpenTelemetryPrometheusScrapingEndpoint();
}
