using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary>What <c>olog config ...</c> does.</summary>
internal static class ConfigActions
{
    /// <summary>The changes that <c>KEY=VALUE</c> and bare keys stand for.</summary>
    public static ConfigChange[] Changes(string[]? set, string[]? unset) =>
    [
        .. Assignments.ToDictionary(set).Select(pair => new ConfigChange(pair.Key, ConfigOperation.Set, pair.Value)),
        .. (unset ?? []).Select(key => new ConfigChange(key, ConfigOperation.Delete, null)),
    ];

    /// <summary>Changes values, or only asks whether they would be taken, and tells each change: <c>retention.ms=5, 604800000 before</c>.</summary>
    public static async Task<IReadOnlyList<string>> ChangeAsync(
        ILogAdmin admin, ConfigResource resource, ConfigChange[] changes, bool validateOnly, CancellationToken cancellationToken)
    {
        if (changes.Length == 0)
        {
            return [];
        }

        var before = await ReadAsync(admin, resource, cancellationToken);
        var results = await admin.AlterConfigsAsync([new ConfigAlteration(resource, changes)], validateOnly, cancellationToken);
        if (results[0].Error != ErrorCode.None)
        {
            throw Failure(results[0].Error, results[0].Message, resource);
        }

        return Array.ConvertAll(changes, change =>
        {
            var now = change.Value is { } value ? $"{change.Name}={value}" : $"{change.Name} back to its default";
            return Array.Find(before, old => old.Name == change.Name) switch
            {
                null => now,
                { IsSensitive: true } => $"{change.Name} {(change.Value is null ? "back to its default" : "changed")}",
                { Source: ConfigSource.DefaultConfig } old => $"{now}, by default {old.Value}",
                var old => $"{now}, {old.Value} before",
            };
        });
    }

    public static async Task<ExitCode> ChangeAsync(Invocation invocation, ILogAdmin admin, ConfigResource resource, ConfigChange[] changes, bool dryRun)
    {
        var told = await ChangeAsync(admin, resource, changes, dryRun, invocation.Cancellation);
        if (dryRun)
        {
            Confirmation.Show(invocation, [.. told.Select(change => $"change the {About(resource)}: {change}")]);
            return ExitCode.Ok;
        }

        var changed = changes.Select(change => change.Name).ToHashSet(StringComparer.Ordinal);
        var values = await ReadAsync(admin, resource, invocation.Cancellation);
        ConfigValue[] left = [.. values.Where(value => changed.Contains(value.Name))];
        if (left.Length == 0 && !invocation.IsJson)
        {
            // What is taken back from all brokers together has no value there any more.
            invocation.Io.Text.WriteLine($"changed the {About(resource)}: {string.Join("; ", told)}");
            return ExitCode.Ok;
        }

        Write(invocation, resource, left, withDocs: false);
        return ExitCode.Ok;
    }

    public static async Task<ExitCode> DescribeAsync(Invocation invocation, ILogAdmin admin, ConfigResource resource, bool all, bool withDocs)
    {
        var values = await ReadAsync(admin, resource, invocation.Cancellation);
        Write(invocation, resource, [.. values.Where(value => all || value.Source != ConfigSource.DefaultConfig)], withDocs);
        return ExitCode.Ok;
    }

    private static async Task<ConfigValue[]> ReadAsync(ILogAdmin admin, ConfigResource resource, CancellationToken cancellationToken)
    {
        var descriptions = await admin.DescribeConfigsAsync([resource], cancellationToken);
        return descriptions[0].Error == ErrorCode.None
            ? descriptions[0].Values
            : throw Failure(descriptions[0].Error, descriptions[0].Message, resource);
    }

    private static void Write(Invocation invocation, ConfigResource resource, IReadOnlyList<ConfigValue> values, bool withDocs)
    {
        if (invocation.IsJson)
        {
            var document = new ConfigDocument(
                resource.Type == ConfigResourceType.Topic ? "topic" : "broker", resource.Name,
                [.. values.Select(value => new ConfigValueDocument(
                    value.Name, value.Value, SourceName(value.Source), value.IsReadOnly, value.IsSensitive, value.Documentation))]);
            JsonOutput.Write(invocation.Io, document, DocumentContext.Default.ConfigDocument);
            return;
        }

        var table = withDocs ? new Table("KEY", "VALUE", "SOURCE", "MEANING") : new Table("KEY", "VALUE", "SOURCE");
        foreach (var value in values)
        {
            string[] cells = [value.Name, value.IsSensitive ? "(hidden)" : value.Value ?? "", SourceName(value.Source)];
            table.Add(withDocs ? [.. cells, value.Documentation ?? ""] : cells);
        }

        table.WriteTo(invocation.Io);
    }

    private static CliException Failure(ErrorCode code, string? message, ConfigResource resource) => code == ErrorCode.UnknownTopicOrPartition
        ? Failures.Topic(code, message, resource.Name) : Failures.Exception(code, message, About(resource));

    private static string About(ConfigResource resource) =>
        resource.Type == ConfigResourceType.Topic ? $"configuration of topic '{resource.Name}'" : resource.Name.Length == 0 ? "configuration of all brokers" : $"configuration of broker {resource.Name}";

    private static string SourceName(ConfigSource source) => source switch
    {
        ConfigSource.DynamicTopicConfig => "topic",
        ConfigSource.DynamicBrokerConfig => "broker, changed while it ran",
        ConfigSource.DynamicDefaultBrokerConfig => "all brokers, changed while they ran",
        ConfigSource.StaticBrokerConfig => "broker",
        ConfigSource.DefaultConfig => "default",
        _ => "unknown",
    };
}
