using System.Text.RegularExpressions;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Golden;

/// <summary>Where our answers may differ from the recorded ones, and why. Everything else has to be as it was recorded.</summary>
internal static partial class AllowedDifferences
{
    /// <summary>Fields, as a pattern over "API version.path".</summary>
    private static readonly (Regex Field, string Why)[] Fields =
    [
        (Addresses(), "the address of this broker, and the id of this cluster"),
        (Features(), "the feature levels of Apache Kafka's own metadata"),
        (Sessions(), "fetch sessions are optional, and none are given (KIP-227)"),
        (LeaderEpochs(), "the recorded broker had been restarted since those topics were made"),
        (AbortedTransactions(), "there are no transactions yet"),
        (RollSynonyms(), "Apache Kafka does not tell where segment.ms and segment.jitter.ms come from; here it is told"),
        (HighestVersions(), "Apache Kafka 4.1 keeps its newest versions of three APIs back; they are served here"),
    ];

    public static bool MayDiffer(RecordedExchange exchange, string path, object? recorded, object? ours)
    {
        var field = exchange.Api + path;
        return Fields.Any(allowed => allowed.Field.IsMatch(field)) || IsAutoCreated(recorded, ours) || IsOfEarlierGroup(recorded, ours)
            || IsWaitForIds(exchange);
    }

    public static bool MayBeMissing(RecordedExchange exchange, string path, object recorded) => recorded switch
    {
        // What is not served is not advertised.
        ApiVersionsResponseData.ApiVersion => true,

        // Groups of the conversations before are not here. And: no transactions yet; the groups' topic is made with the first group.
        ListGroupsResponseData.ListedGroup => true,
        MetadataResponseData.MetadataResponseTopic topic => topic.Name is "__transaction_state" or "__consumer_offsets",
        _ => Fields.Any(allowed => allowed.Field.IsMatch(exchange.Api + path)),
    };

    public static bool MayBeExtra(RecordedExchange exchange, string path, object ours) =>
        Fields.Any(allowed => allowed.Field.IsMatch(exchange.Api + path)) || ours is MetadataResponseData.MetadataResponseTopic { Name: "__consumer_offsets" }
        || (ours.GetType().GetProperty("Name")?.GetValue(ours) is string name && name.StartsWith("orleanslog.", StringComparison.Ordinal));

    /// <summary>Apache Kafka says that there is no such topic while it makes it; here it is there when it is answered.</summary>
    private static bool IsAutoCreated(object? recorded, object? ours) =>
        recorded is MetadataResponseData.MetadataResponseTopic { ErrorCode: ErrorCode.UnknownTopicOrPartition or ErrorCode.LeaderNotAvailable }
        && ours is MetadataResponseData.MetadataResponseTopic { ErrorCode: ErrorCode.None };

    /// <summary>Apache Kafka sends a client away while it gets its first block of producer ids; here the client waits for it.</summary>
    private static bool IsWaitForIds(RecordedExchange exchange) =>
        exchange.Key == ApiKey.InitProducerId && exchange.ReadResponse() is InitProducerIdResponseData { ErrorCode: ErrorCode.CoordinatorLoadInProgress };

    /// <summary>Groups of the conversations before are not here.</summary>
    private static bool IsOfEarlierGroup(object? recorded, object? ours) =>
        recorded is DescribeGroupsResponseData.DescribedGroup && ours is DescribeGroupsResponseData.DescribedGroup { GroupState: "Dead" };

    [GeneratedRegex(@"\.(Port|ClusterId)$")]
    private static partial Regex Addresses();

    [GeneratedRegex(@"^Fetch\.SessionId$")]
    private static partial Regex Sessions();

    [GeneratedRegex(@"^Metadata\..*\.LeaderEpoch$")]
    private static partial Regex LeaderEpochs();

    [GeneratedRegex(@"^Fetch\..*\.AbortedTransactions")]
    private static partial Regex AbortedTransactions();

    [GeneratedRegex(@"^DescribeConfigs\..*\[\(Name, segment\.(jitter\.)?ms\)\]\.Synonyms$")]
    private static partial Regex RollSynonyms();

    [GeneratedRegex(@"^ApiVersions\.(SupportedFeatures|FinalizedFeatures|FinalizedFeaturesEpoch)")]
    private static partial Regex Features();

    [GeneratedRegex(@"^ApiVersions\.ApiKeys\[\(ApiKey, (2|8|9)\)\]\.MaxVersion$")]
    private static partial Regex HighestVersions();
}
