using Orleans.Concurrency;

namespace OrleansLog;

/// <summary>
/// The door to one broker's data for callers on other processes; its key is the broker id, and it is pinned to that broker's
/// silo. Thin over the silo's request layer, which also serves the direct transport and the listeners.
/// </summary>
[Alias("olog.IBrokerGrain")]
public interface IBrokerGrain : IGrainWithIntegerKey
{
    /// <summary>Answers at once: whether the broker's process runs.</summary>
    [Alias("Ping"), AlwaysInterleave]
    Task PingAsync();

    /// <summary>Whether this broker hears the controller of an epoch, or knows of a later one; whoever asks does not hear it.</summary>
    /// <param name="controllerEpoch">The epoch.</param>
    [Alias("HearsController"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<bool> HearsControllerAsync(long controllerEpoch);

    /// <summary>
    /// Appends a batch. May wait for <see cref="ProduceRequest.TimeoutMs"/>, which is what bounds the call: callers wait for
    /// <see cref="ProduceRequest.AnswerWithin"/>, and Orleans longer than any broker lets one wait.
    /// </summary>
    [Alias("Produce"), AlwaysInterleave, ResponseTimeout("00:30:00")]
    ValueTask<ProduceResult> ProduceAsync([Immutable] ProduceRequest request);

    /// <summary>Reads; may wait for <see cref="FetchRequest.MaxWaitMs"/>, cut to less than half of Orleans' response timeout.</summary>
    /// <param name="request">What to read.</param>
    /// <param name="waitId">By which <see cref="EndWaitAsync"/> knows the wait; empty where nobody ends it.</param>
    [Alias("Fetch"), AlwaysInterleave]
    ValueTask<FetchResult> FetchAsync([Immutable] FetchRequest request, Guid waitId = default);

    /// <summary>Ends the wait of a fetch, which answers with what there is. One that is over, or has not come yet, is left as it is.</summary>
    /// <param name="waitId">The fetch's.</param>
    [Alias("EndWait"), AlwaysInterleave, OneWay]
    Task EndWaitAsync(Guid waitId);

    /// <summary>Looks offsets up.</summary>
    [Alias("ListOffsets"), AlwaysInterleave]
    ValueTask<ListOffsetsResult[]> ListOffsetsAsync([Immutable] ListOffsetsQuery[] queries, IsolationLevel isolation);

    /// <summary>Moves log start offsets.</summary>
    [Alias("DeleteRecords"), AlwaysInterleave]
    ValueTask<DeleteRecordsResult[]> DeleteRecordsAsync([Immutable] DeleteRecordsQuery[] queries);

    /// <summary>Describes the broker's log directories.</summary>
    [Alias("DescribeLogDirs"), AlwaysInterleave]
    ValueTask<LogDirDescription[]> DescribeLogDirsAsync();

    /// <summary>Describes this broker's configuration in force.</summary>
    [Alias("DescribeConfig"), AlwaysInterleave]
    ValueTask<ConfigValue[]> DescribeConfigAsync();

    /// <summary>Groups whose coordinator this broker is; the filters are those of <see cref="IGroupTransport.ListGroupsAsync"/>.</summary>
    [Alias("ListGroups"), AlwaysInterleave]
    ValueTask<ListGroupsResult> ListGroupsAsync([Immutable] string[] states, [Immutable] string[] types);
}
