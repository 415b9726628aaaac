using OrleansLog.Grains;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>AlterConfigs: what is not named goes back to its default.</summary>
internal sealed class AlterConfigsHandler(Gateway gateway, MetadataCache metadata) : ApiHandler<AlterConfigsRequestData, AlterConfigsResponseData>
{
    protected override async ValueTask<AlterConfigsResponseData?> HandleAsync(AlterConfigsRequestData request, RequestContext context)
    {
        var changes = new ConfigChanges(request.Resources.Select(ResourceOf));
        foreach (var resource in request.Resources)
        {
            changes.Add(
                ResourceOf(resource), resource.Configs.Select(config => new ConfigChange(config.Name, ConfigOperation.Set, config.Value)),
                replaceAll: true, Refuse(resource));
        }

        var response = new AlterConfigsResponseData();
        foreach (var result in await changes.ApplyAsync(gateway, metadata, request.ValidateOnly, context).ConfigureAwait(false))
            Add(response, result.Resource, result.Error, result.Message);

        return response;
    }

    protected override AlterConfigsResponseData Fail(AlterConfigsRequestData request, ErrorCode error)
    {
        var response = new AlterConfigsResponseData();
        foreach (var resource in request.Resources)
            Add(response, ResourceOf(resource), error, error.Describe());

        return response;
    }

    private static ConfigResource ResourceOf(AlterConfigsRequestData.AlterConfigsResource resource) =>
        new((ConfigResourceType)resource.ResourceType, resource.ResourceName);

    private static string? Refuse(AlterConfigsRequestData.AlterConfigsResource resource) =>
        resource.Configs.Find(config => config.Value is null) is { } unset ? $"{unset.Name} has no value; leave it out to get the default." : null;

    private static void Add(AlterConfigsResponseData response, ConfigResource resource, ErrorCode error, string? message) => response.Responses.Add(
        new AlterConfigsResponseData.AlterConfigsResourceResponse
        {
            ErrorCode = error,
            ErrorMessage = message,
            ResourceType = (sbyte)resource.Type,
            ResourceName = resource.Name,
        });
}
