using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>Which records a reader sees while transactions are open.</summary>
public enum IsolationLevel : byte
{
    /// <summary>Everything up to the high watermark.</summary>
    ReadUncommitted = 0,

    /// <summary>Up to the last stable offset.</summary>
    ReadCommitted = 1,
}

/// <summary>A read of several partitions of one leader; waits until there is something to answer (long poll).</summary>
[GenerateSerializer, Immutable, Alias("olog.FetchRequest")]
public sealed record FetchRequest
{
    /// <summary>The partitions to read, in the order in which bytes are handed out.</summary>
    [Id(0)] public required FetchPartition[] Partitions { get; init; }

    /// <summary>Longest wait for <see cref="MinBytes"/>, in milliseconds; 0 answers at once.</summary>
    [Id(1)] public int MaxWaitMs { get; init; } = 500;

    /// <summary>
    /// Bytes worth answering for. More than <see cref="MaxBytes"/>, or than the partitions' <see cref="FetchPartition.MaxBytes"/> together,
    /// is not waited for; of each partition, bytes up to its maximum count, also those of a batch that does not fit whole.
    /// </summary>
    [Id(2)] public int MinBytes { get; init; } = 1;

    /// <summary>Most bytes in all; the first partition with data always gets one whole batch, even over this.</summary>
    [Id(3)] public int MaxBytes { get; init; } = 50 * 1024 * 1024;

    /// <summary>What the reader may see.</summary>
    [Id(4)] public IsolationLevel Isolation { get; init; }

    /// <summary>Whether a follower may answer, too (KIP-392).</summary>
    [Id(5)] public bool AllowsFollower { get; init; }

    /// <summary>
    /// The reader's <c>client.rack</c>, or null: where a follower may answer, a leader elsewhere may name a replica in that rack to read from instead.
    /// </summary>
    [Id(6)] public string? Rack { get; init; }
}

/// <summary>One partition of a <see cref="FetchRequest"/>.</summary>
[GenerateSerializer, Immutable, Alias("olog.FetchPartition")]
public readonly record struct FetchPartition
{
    /// <summary>The partition.</summary>
    [Id(0)] public required TopicPartition Partition { get; init; }

    /// <summary>First offset wanted. The batch that holds it comes whole, so it may begin earlier.</summary>
    [Id(1)] public required long FetchOffset { get; init; }

    /// <summary>Most bytes for this partition.</summary>
    [Id(2)] public int MaxBytes { get; init; }

    /// <summary>The leader epoch that the caller knows, or -1.</summary>
    [Id(3)] public int CurrentLeaderEpoch { get; init; }

    /// <summary>
    /// Leader epoch of the last record that the caller read, or null: where the log has another history by now, the answer says so (KIP-320, KIP-595).
    /// </summary>
    [Id(4)] public int? LastFetchedEpoch { get; init; }
}

/// <summary>A leader epoch and where it ends.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="EndOffset">The offset after its last record.</param>
[GenerateSerializer, Immutable, Alias("olog.EpochEndOffset")]
public readonly record struct EpochEndOffset([property: Id(0)] int Epoch, [property: Id(1)] long EndOffset);

/// <summary>The answer to a <see cref="FetchRequest"/>; dispose it to give pooled memory back.</summary>
[GenerateSerializer, Alias("olog.FetchResult")]
public sealed class FetchResult : IDisposable
{
    [NonSerialized] private IDisposable? _owner;

    /// <summary>Makes an answer.</summary>
    /// <param name="partitions">One entry for each partition of the request, in its order.</param>
    /// <param name="owner">What gives the records' memory back, or null where it is the garbage collector's.</param>
    public FetchResult(FetchPartitionResult[] partitions, IDisposable? owner = null)
    {
        Partitions = partitions;
        _owner = owner;
    }

    /// <summary>One entry for each partition of the request, in its order.</summary>
    [Id(0)] public FetchPartitionResult[] Partitions { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Dispose();
}

/// <summary>What was read of one partition.</summary>
[GenerateSerializer, Immutable, Alias("olog.FetchPartitionResult")]
public readonly record struct FetchPartitionResult
{
    /// <summary><see cref="ErrorCode.None"/>, or why nothing was read.</summary>
    [Id(0)] public ErrorCode Error { get; init; }

    /// <summary>First offset that is not yet on every in-sync replica; nothing from there on is readable.</summary>
    [Id(1)] public long HighWatermark { get; init; }

    /// <summary>First offset of an open transaction, or the high watermark.</summary>
    [Id(2)] public long LastStableOffset { get; init; }

    /// <summary>First offset that the partition still has.</summary>
    [Id(3)] public long LogStartOffset { get; init; }

    /// <summary>Whole record batches, one after the other; empty when there was nothing.</summary>
    [Id(4)] public ReadOnlyMemory<byte> Records { get; init; }

    /// <summary>What was wrong, when the code alone does not say it.</summary>
    [Id(5)] public string? Message { get; init; }

    /// <summary>The broker to read from instead (KIP-392); nothing was read then. Null for this one.</summary>
    [Id(6)] public int? PreferredReadReplica { get; init; }

    /// <summary>
    /// The largest epoch that the caller's history and the log's may share, and its end: what the caller read from there on was truncated. Nothing
    /// was read then. Null where they agree.
    /// </summary>
    [Id(7)] public EpochEndOffset? Diverging { get; init; }
}
