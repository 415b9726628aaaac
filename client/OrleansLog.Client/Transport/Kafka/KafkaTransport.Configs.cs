using System.Globalization;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

internal sealed partial class KafkaTransport
{
    private const short DescribeConfigsMin = 1;
    private const short DescribeConfigsMax = 4;
    private const short IncrementalAlterConfigsMax = 1;
    private const short AlterConfigsMax = 2;
    private const int NoBroker = -1;

    public async ValueTask<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources, CancellationToken cancellationToken)
    {
        var results = new ConfigDescription[resources.Length];
        foreach (var (broker, indexes) in ByBroker(resources, static resource => resource))
        {
            var request = new DescribeConfigsRequestData { IncludeDocumentation = true };
            foreach (var index in indexes)
            {
                request.Resources.Add(new DescribeConfigsRequestData.DescribeConfigsResource
                {
                    ResourceType = (sbyte)resources[index].Type,
                    ResourceName = resources[index].Name,
                    ConfigurationKeys = null,
                });
            }

            var response = await AskOneAsync<DescribeConfigsRequestData, DescribeConfigsResponseData>(
                broker, request, DescribeConfigsMin, DescribeConfigsMax, isChange: false, cancellationToken).ConfigureAwait(false);
            foreach (var index in indexes)
            {
                var resource = resources[index];
                var found = response.Results.Find(one => one.ResourceType == (sbyte)resource.Type && one.ResourceName == resource.Name);
                results[index] = new ConfigDescription
                {
                    Resource = resource,
                    Error = found?.ErrorCode ?? ErrorCode.UnknownServerError,
                    Message = found is null ? "The broker's answer lacks this resource." : found.ErrorMessage,
                    Values = found is null ? [] : [.. found.Configs.Select(Value)],
                };
            }
        }

        return results;
    }

    public async ValueTask<ConfigAlterationResults> AlterConfigsAsync(
        ConfigAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken)
    {
        var results = new ConfigAlterationResult[alterations.Length];
        foreach (var (broker, indexes) in ByBroker(alterations, static alteration => alteration.Resource))
        {
            foreach (var replaces in (bool[])[false, true])
            {
                var share = indexes.FindAll(index => alterations[index].ReplaceAll == replaces);
                if (share.Count == 0)
                    continue;
                if (replaces)
                    await ReplaceAsync(broker, alterations, share, results, validateOnly, cancellationToken).ConfigureAwait(false);
                else
                    await AlterAsync(broker, alterations, share, results, validateOnly, cancellationToken).ConfigureAwait(false);
            }
        }

        return new ConfigAlterationResults(NoVersion, results);
    }

    private static ConfigValue Value(DescribeConfigsResponseData.DescribeConfigsResourceResult config) => new()
    {
        Name = config.Name,
        Value = config.Value,
        Source = (ConfigSource)config.ConfigSource,
        IsReadOnly = config.ReadOnly,
        IsSensitive = config.IsSensitive,
        Documentation = config.Documentation,
    };

    // A broker answers for its own configuration; for everything else, any does.
    private static Dictionary<int, List<int>> ByBroker<T>(T[] items, Func<T, ConfigResource> resourceOf)
    {
        var byBroker = new Dictionary<int, List<int>>(1);
        for (var i = 0; i < items.Length; i++)
        {
            var resource = resourceOf(items[i]);
            var broker = resource.Type == ConfigResourceType.Broker && int.TryParse(resource.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : NoBroker;
            byBroker.GetOrAdd(broker).Add(i);
        }

        return byBroker;
    }

    private async Task AlterAsync(
        int broker, ConfigAlteration[] alterations, List<int> share, ConfigAlterationResult[] results, bool validateOnly, CancellationToken cancellationToken)
    {
        var request = new IncrementalAlterConfigsRequestData { ValidateOnly = validateOnly };
        foreach (var index in share)
        {
            var (resource, changes, _) = alterations[index];
            request.Resources.Add(new IncrementalAlterConfigsRequestData.AlterConfigsResource
            {
                ResourceType = (sbyte)resource.Type,
                ResourceName = resource.Name,
                Configs = [.. changes.Select(static change => new IncrementalAlterConfigsRequestData.AlterableConfig
                {
                    Name = change.Name,
                    ConfigOperation = (sbyte)change.Operation,
                    Value = change.Value,
                })],
            });
        }

        var response = await AskOneAsync<IncrementalAlterConfigsRequestData, IncrementalAlterConfigsResponseData>(
            broker, request, 0, IncrementalAlterConfigsMax, isChange: true, cancellationToken).ConfigureAwait(false);
        foreach (var index in share)
        {
            var resource = alterations[index].Resource;
            var found = response.Responses.Find(one => one.ResourceType == (sbyte)resource.Type && one.ResourceName == resource.Name);
            results[index] = new ConfigAlterationResult(resource, found?.ErrorCode ?? ErrorCode.UnknownServerError, found?.ErrorMessage);
        }
    }

    private async Task ReplaceAsync(
        int broker, ConfigAlteration[] alterations, List<int> share, ConfigAlterationResult[] results, bool validateOnly, CancellationToken cancellationToken)
    {
        var request = new AlterConfigsRequestData { ValidateOnly = validateOnly };
        foreach (var index in share)
        {
            var (resource, changes, _) = alterations[index];
            request.Resources.Add(new AlterConfigsRequestData.AlterConfigsResource
            {
                ResourceType = (sbyte)resource.Type,
                ResourceName = resource.Name,
                Configs = [.. changes.Where(static change => change.Operation != ConfigOperation.Delete)
                    .Select(static change => new AlterConfigsRequestData.AlterableConfig { Name = change.Name, Value = change.Value })],
            });
        }

        var response = await AskOneAsync<AlterConfigsRequestData, AlterConfigsResponseData>(
            broker, request, 0, AlterConfigsMax, isChange: true, cancellationToken).ConfigureAwait(false);
        foreach (var index in share)
        {
            var resource = alterations[index].Resource;
            var found = response.Responses.Find(one => one.ResourceType == (sbyte)resource.Type && one.ResourceName == resource.Name);
            results[index] = new ConfigAlterationResult(resource, found?.ErrorCode ?? ErrorCode.UnknownServerError, found?.ErrorMessage);
        }
    }

    // One broker, or, for NoBroker, the home broker.
    private async Task<TResponse> AskOneAsync<TRequest, TResponse>(
        int broker, TRequest request, short minVersion, short maxVersion, bool isChange, CancellationToken cancellationToken)
        where TRequest : class, IRequestMessage, IMessage<TRequest>
        where TResponse : class, IResponseMessage, IMessage<TResponse>
    {
        if (broker != NoBroker && Broker(broker) is null)
            await GetMetadataAsync([], NoVersion, cancellationToken).ConfigureAwait(false);
        var answer = broker == NoBroker
            ? await AskHomeAsync<TRequest, TResponse>(request, minVersion, maxVersion, KafkaLaneKind.Long, 0, isChange, cancellationToken).ConfigureAwait(false)
            : await AskAsync<TRequest, TResponse>(broker, request, minVersion, maxVersion, KafkaLaneKind.Long, 0, cancellationToken).ConfigureAwait(false);
        return answer.Response ?? throw answer.Failure!.ToException();
    }
}
