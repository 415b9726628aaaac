using OrleansLog.Core.Configuration;

namespace OrleansLog.Hosting.Settings;

/// <summary>Finds the key that a name means where dots are not allowed: in variables of the environment.</summary>
internal static class KeyName
{
    private const string Own = "orleanslog.";

    /// <summary><c>LOG_DIRS</c> is <c>log.dirs</c>, <c>FLUSH_POLICY</c> is <c>orleanslog.flush.policy</c>; an unknown name stays as it is.</summary>
    public static string Of(string name)
    {
        if (BrokerConfigs.Find(name) is not null)
        {
            return name;
        }

        var dotted = name.ToLowerInvariant().Replace('_', '.');
        return BrokerConfigs.Find(dotted) is not null ? dotted
            : BrokerConfigs.Find(Own + dotted) is not null ? Own + dotted
            : name;
    }
}
