using System.Globalization;

namespace OrleansLog.Core.Configuration;

/// <summary>What has to hold between the keys of a topic.</summary>
internal static class TopicConfigRules
{
    public static IEnumerable<ConfigError> Check(TopicConfig config, IReadOnlyDictionary<string, string> overrides)
    {
        if (Long(config, "min.compaction.lag.ms") > Long(config, "max.compaction.lag.ms"))
        {
            yield return new("min.compaction.lag.ms", config.Entry("min.compaction.lag.ms")!.Value, "at most max.compaction.lag.ms");
        }

        if (Exceeds(Long(config, "local.retention.ms"), config.RetentionMs) && overrides.ContainsKey("local.retention.ms"))
        {
            yield return new("local.retention.ms", overrides["local.retention.ms"], $"at most retention.ms={config.RetentionMs}, or -2");
        }

        if (Exceeds(Long(config, "local.retention.bytes"), config.RetentionBytes) && overrides.ContainsKey("local.retention.bytes"))
        {
            yield return new("local.retention.bytes", overrides["local.retention.bytes"], $"at most retention.bytes={config.RetentionBytes}, or -2");
        }
    }

    /// <summary>-2 takes over the whole retention; -1 is without limit.</summary>
    private static bool Exceeds(long local, long whole) => local != -2 && whole != -1 && (local == -1 || local > whole);

    private static long Long(TopicConfig config, string name) => long.Parse(config.Entry(name)!.Value!, CultureInfo.InvariantCulture);
}
