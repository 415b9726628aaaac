using OrleansLog.Grains;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Admin;

/// <summary>DescribeConfigs: topics, brokers, and with an empty name what is set for all brokers; synonyms, kinds and documentation (KIP-226, KIP-569).</summary>
internal sealed class DescribeConfigsHandler(Gateway gateway) : ApiHandler<DescribeConfigsRequestData, DescribeConfigsResponseData>
{
    protected override async ValueTask<DescribeConfigsResponseData?> HandleAsync(DescribeConfigsRequestData request, RequestContext context)
    {
        var resources = request.Resources.Select(resource => new ConfigResource((ConfigResourceType)resource.ResourceType, resource.ResourceName)).ToArray();
        var descriptions = await gateway.DescribeConfigsAsync(resources).ConfigureAwait(false);
        var response = new DescribeConfigsResponseData();
        for (var i = 0; i < descriptions.Length; i++)
        {
            context.NoteError(descriptions[i].Error);
            response.Results.Add(Answer(request, request.Resources[i], descriptions[i]));
        }

        return response;
    }

    protected override DescribeConfigsResponseData Fail(DescribeConfigsRequestData request, ErrorCode error)
    {
        var response = new DescribeConfigsResponseData();
        foreach (var resource in request.Resources)
        {
            response.Results.Add(new DescribeConfigsResponseData.DescribeConfigsResult
            {
                ErrorCode = error,
                ErrorMessage = error.Describe(),
                ResourceType = resource.ResourceType,
                ResourceName = resource.ResourceName,
            });
        }

        return response;
    }

    private static DescribeConfigsResponseData.DescribeConfigsResult Answer(
        DescribeConfigsRequestData request, DescribeConfigsRequestData.DescribeConfigsResource resource, ConfigDescription description)
    {
        // No keys at all ask for all of them, as null does.
        var wanted = resource.ConfigurationKeys is { Count: > 0 } keys ? keys.ToHashSet(StringComparer.Ordinal) : null;
        var result = new DescribeConfigsResponseData.DescribeConfigsResult
        {
            ErrorCode = description.Error,
            ErrorMessage = description.Message ?? "",
            ResourceType = resource.ResourceType,
            ResourceName = resource.ResourceName,
        };
        foreach (var value in description.Values)
        {
            if (wanted is null || wanted.Contains(value.Name))
                result.Configs.Add(ToConfig(value, request));
        }

        return result;
    }

    private static DescribeConfigsResponseData.DescribeConfigsResourceResult ToConfig(ConfigValue value, DescribeConfigsRequestData request)
    {
        var config = new DescribeConfigsResponseData.DescribeConfigsResourceResult
        {
            Name = value.Name,
            Value = value.Value,
            ReadOnly = value.IsReadOnly,
            ConfigSource = (sbyte)value.Source,
            IsSensitive = value.IsSensitive,
            ConfigType = (sbyte)value.Type,
            Documentation = request.IncludeDocumentation ? value.Documentation : null,
        };
        if (request.IncludeSynonyms)
        {
            foreach (var synonym in value.Synonyms)
            {
                config.Synonyms.Add(new DescribeConfigsResponseData.DescribeConfigsSynonym
                {
                    Name = synonym.Name,
                    Value = synonym.Value,
                    Source = (sbyte)synonym.Source,
                });
            }
        }

        return config;
    }
}
