using System.Collections.Frozen;

namespace OrleansLog.Core.Configuration;

/// <summary>The keys that a broker can set: Kafka's names, and ours under <c>orleanslog.</c>.</summary>
public static partial class BrokerConfigs
{
    private static readonly FrozenDictionary<string, ConfigDefinition> ByName =
        Build().Definitions.ToFrozenDictionary(d => d.Name, StringComparer.Ordinal);

    /// <summary>All broker keys, by name.</summary>
    public static IReadOnlyDictionary<string, ConfigDefinition> All => ByName;

    /// <summary>Finds a broker key, also one that is set for a single listener (<c>listener.name.NAME.KEY</c>).</summary>
    public static ConfigDefinition? Find(string name)
    {
        const string listenerPrefix = "listener.name.";
        if (ByName.TryGetValue(name, out var definition) || !name.StartsWith(listenerPrefix, StringComparison.Ordinal))
        {
            return definition;
        }

        for (var dot = name.IndexOf('.', listenerPrefix.Length); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (ByName.TryGetValue(name[(dot + 1)..], out definition))
            {
                return definition with { Name = name };
            }
        }

        return null;
    }

    private static ConfigTableBuilder Build()
    {
        var table = new ConfigTableBuilder(ConfigScope.Broker);
        AddIdentity(table.Group("Identity and cluster"));
        AddLog(table.Group("Log directories, segments, retention"));
        AddTopics(table.Group("Topics and messages"));
        AddReplication(table.Group("Replication and elections"));
        AddNetwork(table.Group("Listeners, threads and limits"));
        AddGroups(table.Group("Consumer groups"));
        AddTransactions(table.Group("Transactions and idempotence"));
        AddTls(table.Group("TLS"));
        AddLogin(table.Group("Logins and rights"));
        AddTelemetry(table.Group("Metrics and quotas"));
        AddOwn(table.Group("OrleansLog's own"));
        return table;
    }
}
