using System.Net;
using Microsoft.Extensions.Logging;
using OrleansLog.Core.Configuration;
using OrleansLog.Core.Controller;
using OrleansLog.Kafka.Dispatch;
using OrleansLog.Protocol;

namespace OrleansLog.Kafka.Diagnostics;

/// <summary>What administrators had done, and who asked for it: one line for a request, with event ids from 3040.</summary>
internal static partial class AdminLog
{
    /// <summary>More than these a request's line counts, and does not name.</summary>
    private const int MostNamed = 20;

    /// <summary>Length of what is named, in characters: values of configurations are as long as clients make them.</summary>
    private const int MostCharacters = 2_000;

    /// <summary>Tells of what a request has changed; nothing where it has changed nothing.</summary>
    /// <param name="context">The request.</param>
    /// <param name="what">What was done, such as "Topics created".</param>
    /// <param name="done">To whom.</param>
    public static void TellDone(this RequestContext context, string what, IEnumerable<string> done)
    {
        if (!context.Logger.IsEnabled(LogLevel.Information))
            return;

        string[] all = [.. done];
        if (all.Length == 0)
            return;

        var named = RequestNames.Printable(string.Join(", ", all.Take(MostNamed)), MostCharacters);
        Done(context.Logger, what, all.Length > MostNamed ? $"{named} and {all.Length - MostNamed} more" : named, RequestNames.OfClient(context.ClientId), context.Remote);
    }

    /// <summary>Tells of the topics that a request has made.</summary>
    public static void TellCreated(this RequestContext context, string what, IEnumerable<TopicResult> results) => context.TellDone(
        what, results.Where(static made => made.Error == ErrorCode.None).Select(static made => $"{made.Name} (partitions {made.Partitions}, replication {made.ReplicationFactor})"));

    /// <summary>How the values of an owner differ between two images of the metadata, such as "topic orders: retention.ms from its default to 1000".</summary>
    public static IEnumerable<string> Changes(MetadataImage before, MetadataImage after, ConfigOwner owner)
    {
        var (old, current) = (before.ConfigsOf(owner), after.ConfigsOf(owner));
        var whose = owner.Kind == ConfigOwnerKind.Topic ? $"topic {owner.Name}" : owner.Name.Length == 0 ? "all brokers" : $"broker {owner.Name}";
        foreach (var key in old.Keys.Union(current.Keys))
        {
            var (from, to) = (old.GetValueOrDefault(key), current.GetValueOrDefault(key));
            if (from != to)
                yield return $"{whose}: {key} from {Shown(key, from)} to {Shown(key, to)}";
        }
    }

    private static string Shown(string key, string? value) =>
        value is null ? "its default" : BrokerConfigs.Find(key) is { IsSensitive: true } ? "(secret)" : value;

    [LoggerMessage(3040, LogLevel.Information, "{What}: {Which}; by {Client} at {Remote}")]
    private static partial void Done(ILogger logger, string what, string which, string client, EndPoint remote);
}
