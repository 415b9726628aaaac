using Microsoft.Extensions.DependencyInjection;

namespace OrleansLog.Kafka.Data;

/// <summary>The APIs of this folder.</summary>
internal static class DataHandlers
{
    /// <summary>Registers them.</summary>
    public static void Add(IServiceCollection services) => _ = services;
}
