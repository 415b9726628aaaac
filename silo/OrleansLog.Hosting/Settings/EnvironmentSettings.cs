using OrleansLog.Core.Configuration;

namespace OrleansLog.Hosting.Settings;

/// <summary>
/// Reads the variables that Kafka's containers are configured with (<c>KAFKA_LOG_RETENTION_HOURS</c>). Such a container has other
/// variables of that prefix for Java; those are left alone.
/// </summary>
internal static class EnvironmentSettings
{
    private const string Prefix = "KAFKA_";

    public static IEnumerable<ConfigSetting> Read(IEnumerable<KeyValuePair<string, string>> variables) =>
        from variable in variables.OrderBy(v => v.Key, StringComparer.Ordinal)
        where variable.Key.StartsWith(Prefix, StringComparison.Ordinal)
        let name = KeyName.Of(variable.Key[Prefix.Length..])
        where BrokerConfigs.Find(name) is not null
        select new ConfigSetting(name, variable.Value, variable.Key);
}
