namespace OrleansLog.Core.Configuration;

/// <summary>What has to hold between keys, and what is allowed but looks like a mistake.</summary>
internal static class BrokerConfigRules
{
    /// <summary>Keys that are about data alone, and that operators give to every silo out of habit.</summary>
    private static readonly string[] DataKeys =
        ["log.dirs", "log.dir", "listeners", "advertised.listeners", "broker.rack", "orleanslog.replication.port", "orleanslog.gateway", "orleanslog.gateway.port"];

    public static void Check(BrokerConfig config, BrokerConfigReader reader)
    {
        if (reader.Errors.Count > 0)
        {
            return;
        }

        CheckIdentity(config, reader);
        CheckDirectories(config, reader);
        CheckReplication(config, reader);
        CheckListeners(config, reader);
        if (config.Explicit("orleanslog.flush.policy")?.Value.Text == "interval"
            && config.Explicit("log.flush.interval.ms") is null && config.Explicit("log.flush.interval.messages") is null)
        {
            Suspect(reader, "orleanslog.flush.policy", "orleanslog.flush.policy=interval without log.flush.interval.ms or log.flush.interval.messages is the same as os");
        }
    }

    private static void CheckIdentity(BrokerConfig config, BrokerConfigReader reader)
    {
        if (config.Explicit("node.id") is { } node && config.Explicit("broker.id") is { } broker && node.Value.Number != broker.Value.Number)
        {
            reader.Errors.Add(new("broker.id", broker.Value.Text, $"the same as node.id={node.Value.Text}, or neither", reader.OriginOf("broker.id")));
        }

        if (!config.IsBroker)
        {
            NoticeDataKeys(config, reader);
        }

        if (!config.MayHostController && config.MetadataConnection is null)
        {
            Suspect(reader, "process.roles", "process.roles=broker: the controller has to be on another silo, but without orleanslog.metadata.connection no other silo shares this one's metadata");
        }
    }

    private static void NoticeDataKeys(BrokerConfig config, BrokerConfigReader reader)
    {
        // Listeners of a controller, as Kafka has them, are left out for brokers too.
        var unused = DataKeys.Where(key => config.Explicit(key) is not null && (key is not ("listeners" or "advertised.listeners") || config.Listeners.Count > 0)).ToArray();
        if (unused.Length > 0)
        {
            reader.Notices.Add(new(ConfigNoticeKind.NoEffect, "process.roles",
                $"process.roles=controller: this silo serves no data and no clients, so these keys have no effect: {string.Join(", ", unused)}"));
        }
    }

    private static void CheckDirectories(BrokerConfig config, BrokerConfigReader reader)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var directory in config.LogDirs)
        {
            if (!seen.Add(directory.TrimEnd('/', '\\')))
            {
                reader.Errors.Add(new("log.dirs", directory, "each directory once", reader.OriginOf("log.dirs")));
            }
        }

        if (config.Explicit("log.dirs") is { Value.Items.Count: > 0 } && config.Explicit("log.dir") is not null)
        {
            reader.Notices.Add(new(ConfigNoticeKind.Overridden, "log.dir", "log.dir is not used, because log.dirs is set"));
        }
    }

    private static void CheckListeners(BrokerConfig config, BrokerConfigReader reader)
    {
        var errors = new List<ConfigError>();
        ListenerSettings.Read(config, errors);
        reader.Errors.AddRange(errors.Select(error => error with { Origin = reader.OriginOf(error.Name) }));
    }

    private static void CheckReplication(BrokerConfig config, BrokerConfigReader reader)
    {
        if (config.Explicit("min.insync.replicas") is not null && config.MinInsyncReplicas > config.DefaultReplicationFactor)
        {
            Suspect(reader, "min.insync.replicas",
                $"min.insync.replicas={config.MinInsyncReplicas} is more than default.replication.factor={config.DefaultReplicationFactor}; topics use the smaller");
        }

        if (config.Explicit("unclean.leader.election.enable") is { Value.Number: 1 })
        {
            Suspect(reader, "unclean.leader.election.enable", "unclean.leader.election.enable=true can lose acknowledged records");
        }
    }

    private static void Suspect(BrokerConfigReader reader, string name, string message) =>
        reader.Notices.Add(new(ConfigNoticeKind.Suspicious, name, message));
}
