using Microsoft.Extensions.DependencyInjection;

namespace OrleansLog.Kafka.Groups;

/// <summary>The APIs of this folder.</summary>
internal static class GroupHandlers
{
    /// <summary>Registers them.</summary>
    public static void Add(IServiceCollection services) => _ = services;
}
