using Microsoft.Extensions.DependencyInjection;
using OrleansLog.Kafka.Dispatch;

namespace OrleansLog.Kafka.Data;

/// <summary>The APIs of this folder: what clients need to find leaders, to write and to read.</summary>
internal static class DataHandlers
{
    /// <summary>Registers them.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<DataPath>();
        services.AddSingleton<TopicDirectory>();
        services.AddSingleton<IApiHandler, ApiVersionsHandler>();
        services.AddSingleton<IApiHandler, MetadataHandler>();
        services.AddSingleton<IApiHandler, ProduceHandler>();
        services.AddSingleton<IApiHandler, FetchHandler>();
        services.AddSingleton<IApiHandler, ListOffsetsHandler>();
        services.AddSingleton<IApiHandler, OffsetForLeaderEpochHandler>();
    }
}
