using OrleansLog.Core.Configuration;
using ConfigSource = OrleansLog.ConfigSource;
using ConfigValue = OrleansLog.ConfigValue;

namespace OrleansLog.Grains;

/// <summary>Configuration in force, as DescribeConfigs answers it.</summary>
internal static class ConfigDescriptions
{
    public static ConfigValue[] OfBroker(BrokerConfig config) => [.. config.Entries.Select(ToValue)];

    public static ConfigValue[] OfTopic(TopicConfig config) => [.. config.Entries.Select(ToValue)];

    private static ConfigValue ToValue(ConfigEntry entry) => new()
    {
        Name = entry.Name,
        Value = entry.Value,
        Source = (ConfigSource)(sbyte)entry.Source,
        IsReadOnly = !entry.Definition.IsDynamic,
        IsSensitive = entry.Definition.IsSensitive,
        Documentation = entry.Definition.Doc,
    };
}
