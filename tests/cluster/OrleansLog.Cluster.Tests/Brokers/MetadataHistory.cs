using System.Globalization;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>A version of the metadata, and the epoch of the controller that decided it.</summary>
internal sealed record DecidedVersion(long Version, long Epoch);

/// <summary>What controllers decided, as it lies in the database.</summary>
internal static class MetadataHistory
{
    /// <summary>The versions that the log has, in order.</summary>
    public static async Task<IReadOnlyList<DecidedVersion>> DecidedAsync(this PostgresServer database)
    {
        var rows = await database.QueryAsync("""
            SELECT entry->>'version', entry->>'epoch' FROM
                (SELECT convert_from(PayloadBinary, 'UTF8')::jsonb AS entry FROM orleanslog.OrleansStorage WHERE GrainTypeString = 'version') AS log
            ORDER BY (entry->>'version')::bigint
            """);
        return [.. rows.Split('\n').Select(static row => row.Split('|')).Select(static row => new DecidedVersion(Number(row[0]), Number(row[1])))];
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
