using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using ConfigSource = OrleansLog.ConfigSource;
using ConfigValue = OrleansLog.ConfigValue;

namespace OrleansLog.Grains;

/// <summary>Configuration in force, as DescribeConfigs answers it.</summary>
public static class ConfigDescriptions
{
    /// <summary>Whose values in the metadata are those of a resource.</summary>
    public static ConfigOwner OwnerOf(ConfigResource resource) => new((ConfigOwnerKind)resource.Type, resource.Name);

    /// <summary>All keys of a broker.</summary>
    public static ConfigValue[] OfBroker(BrokerConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return [.. config.Entries.Select(ToValue)];
    }

    /// <summary>All keys of a topic.</summary>
    public static ConfigValue[] OfTopic(TopicConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return [.. config.Entries.Select(ToValue)];
    }

    /// <summary>What is set for all brokers while they run; the rest has no value of its own there.</summary>
    public static ConfigValue[] OfAllBrokers(BrokerConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return [.. config.Entries
            .Select(entry => (entry, synonyms: entry.Synonyms.SkipWhile(synonym => synonym.Source != Core.Configuration.ConfigSource.DynamicDefaultBrokerConfig).ToArray()))
            .Where(pair => pair.synonyms.Length > 0)
            .Select(pair => ToValue(pair.entry with { Value = pair.synonyms[0].Value, Source = pair.synonyms[0].Source, Synonyms = pair.synonyms }))];
    }

    private static ConfigValue ToValue(ConfigEntry entry) => new()
    {
        Name = entry.Name,
        Value = entry.Value,
        Source = (ConfigSource)(sbyte)entry.Source,
        IsReadOnly = !entry.Definition.IsDynamic,
        IsSensitive = entry.Definition.IsSensitive,
        Documentation = entry.Definition.Doc,
        Type = TypeOf(entry.Definition.Type),
        Synonyms = [.. entry.Synonyms.Select(synonym => new ConfigSynonymValue(synonym.Name, synonym.Value, (ConfigSource)(sbyte)synonym.Source))],
    };

    private static ConfigValueType TypeOf(ConfigType type) => type switch
    {
        ConfigType.Boolean => ConfigValueType.Boolean,
        ConfigType.Int => ConfigValueType.Int,
        ConfigType.Long => ConfigValueType.Long,
        ConfigType.Double => ConfigValueType.Double,
        ConfigType.List => ConfigValueType.List,
        ConfigType.Password => ConfigValueType.Password,
        _ => ConfigValueType.String,
    };
}
