using OrleansLog.Grains;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Dispatch;

namespace OrleansLog.Kafka.Admin;

/// <summary>What AlterConfigs and IncrementalAlterConfigs have in common: each resource once, refusals one by one, answers in the request's order.</summary>
internal sealed class ConfigChanges
{
    private const sbyte BrokerLogger = 8;

    private readonly List<ConfigAlterationResult> _results = [];
    private readonly List<(int Index, ConfigAlteration Alteration)> _wanted = [];
    private readonly HashSet<ConfigResource> _repeated;

    public ConfigChanges(IEnumerable<ConfigResource> resources) => _repeated = Repeated.In(resources);

    /// <summary>Adds the changes of one resource; a message refuses them with INVALID_REQUEST.</summary>
    public void Add(ConfigResource resource, IEnumerable<ConfigChange> changes, bool replaceAll, string? refusal)
    {
        refusal ??= Refuse(resource);
        _results.Add(new ConfigAlterationResult(resource, refusal is null ? ErrorCode.None : ErrorCode.InvalidRequest, refusal));
        if (refusal is null)
            _wanted.Add((_results.Count - 1, new ConfigAlteration(resource, [.. changes], replaceAll)));
    }

    /// <summary>Makes the changes; one result for each that was added, in order.</summary>
    public async ValueTask<IReadOnlyList<ConfigAlterationResult>> ApplyAsync(Gateway gateway, MetadataCache metadata, bool validateOnly, RequestContext context)
    {
        if (_wanted.Count > 0)
        {
            var before = metadata.Current;
            var altered = await gateway.AlterConfigsAsync([.. _wanted.Select(wanted => wanted.Alteration)], validateOnly).ConfigureAwait(false);
            for (var i = 0; i < _wanted.Count; i++)
                _results[_wanted[i].Index] = altered.Results[i];

            if (!validateOnly)
            {
                var after = metadata.Current;
                context.TellDone("Configuration changed", altered.Results.Where(result => result.Error == ErrorCode.None)
                    .SelectMany(result => AdminLog.Changes(before, after, ConfigDescriptions.OwnerOf(result.Resource))));
            }
        }

        foreach (var result in _results)
            context.NoteError(result.Error);

        return _results;
    }

    private string? Refuse(ConfigResource resource) =>
        _repeated.Contains(resource) ? "Each resource may be named once in a request."
        : (sbyte)resource.Type == BrokerLogger ? "The levels of a broker's loggers are set where it starts (--log-level, Logging in appsettings.json)."
        : resource.Type is not (ConfigResourceType.Topic or ConfigResourceType.Broker) ? $"Resources of type {(sbyte)resource.Type} have no configuration here."
        : null;
}
