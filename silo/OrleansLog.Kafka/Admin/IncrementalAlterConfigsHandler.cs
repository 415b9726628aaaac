using OrleansLog.Grains;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>IncrementalAlterConfigs (KIP-339): set, delete, append to a list, subtract from it; what is not named stays.</summary>
internal sealed class IncrementalAlterConfigsHandler(Gateway gateway, MetadataCache metadata) : ApiHandler<IncrementalAlterConfigsRequestData, IncrementalAlterConfigsResponseData>
{
    protected override async ValueTask<IncrementalAlterConfigsResponseData?> HandleAsync(IncrementalAlterConfigsRequestData request, RequestContext context)
    {
        var changes = new ConfigChanges(request.Resources.Select(ResourceOf));
        foreach (var resource in request.Resources)
        {
            changes.Add(
                ResourceOf(resource), resource.Configs.Select(config => new ConfigChange(config.Name, (ConfigOperation)config.ConfigOperation, config.Value)),
                replaceAll: false, Refuse(resource));
        }

        var response = new IncrementalAlterConfigsResponseData();
        foreach (var result in await changes.ApplyAsync(gateway, metadata, request.ValidateOnly, context).ConfigureAwait(false))
            Add(response, result.Resource, result.Error, result.Message);

        return response;
    }

    protected override IncrementalAlterConfigsResponseData Fail(IncrementalAlterConfigsRequestData request, ErrorCode error)
    {
        var response = new IncrementalAlterConfigsResponseData();
        foreach (var resource in request.Resources)
            Add(response, ResourceOf(resource), error, error.Describe());

        return response;
    }

    private static ConfigResource ResourceOf(IncrementalAlterConfigsRequestData.AlterConfigsResource resource) =>
        new((ConfigResourceType)resource.ResourceType, resource.ResourceName);

    private static string? Refuse(IncrementalAlterConfigsRequestData.AlterConfigsResource resource)
    {
        foreach (var config in resource.Configs)
        {
            if (config.ConfigOperation is < (sbyte)ConfigOperation.Set or > (sbyte)ConfigOperation.Subtract)
                return $"{config.Name}: there is no operation {config.ConfigOperation}; 0 sets, 1 deletes, 2 appends, 3 subtracts.";

            if (config.Value is null && config.ConfigOperation != (sbyte)ConfigOperation.Delete)
                return $"{config.Name} has no value; operation 1 deletes it.";
        }

        return Repeated.In(resource.Configs.Select(config => config.Name)).FirstOrDefault() is { } repeated ? $"{repeated} is changed twice." : null;
    }

    private static void Add(IncrementalAlterConfigsResponseData response, ConfigResource resource, ErrorCode error, string? message) => response.Responses.Add(
        new IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse
        {
            ErrorCode = error,
            ErrorMessage = message,
            ResourceType = (sbyte)resource.Type,
            ResourceName = resource.Name,
        });
}
