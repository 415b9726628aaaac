using Microsoft.Extensions.DependencyInjection;

namespace OrleansLog.Kafka.Admin;

/// <summary>The APIs of this folder.</summary>
internal static class AdminHandlers
{
    /// <summary>Registers them.</summary>
    public static void Add(IServiceCollection services) => _ = services;
}
