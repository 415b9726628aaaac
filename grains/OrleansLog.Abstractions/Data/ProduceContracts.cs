using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>When a produce request is answered.</summary>
public enum Acks : short
{
    /// <summary>Not at all: the caller learns nothing about the outcome.</summary>
    None = 0,

    /// <summary>Once the leader's log has it (under <c>orleanslog.flush.policy=ack</c>: once it is on disk there).</summary>
    Leader = 1,

    /// <summary>Once every in-sync replica has it.</summary>
    All = -1,
}

/// <summary>What is known about a batch after a produce attempt.</summary>
public enum ProduceOutcome : byte
{
    /// <summary>It is in the log, as the requested acks define it.</summary>
    Stored = 0,

    /// <summary>It certainly is not in the log; sending it again cannot duplicate it.</summary>
    NotStored = 1,

    /// <summary>It may or may not be in the log: the answer was lost, or the wait timed out after the append.</summary>
    Unknown = 2,
}

/// <summary>One record batch for one partition (D14: one batch per partition and request).</summary>
[GenerateSerializer, Immutable, Alias("olog.ProduceRequest")]
public sealed class ProduceRequest
{
    /// <summary>The partition to append to.</summary>
    [Id(0)] public required TopicPartition Partition { get; init; }

    /// <summary>
    /// A record batch, magic 2, as <c>OrleansLog.Protocol.Records.RecordBatchBuilder</c> makes it. The leader writes base offset and
    /// leader epoch into it in place, so the bytes belong to the broker until the request is answered.
    /// </summary>
    [Id(1)] public required Memory<byte> Batch { get; init; }

    /// <summary>When to answer.</summary>
    [Id(2)] public Acks Acks { get; init; } = Acks.All;

    /// <summary>How long to wait for replicas or the disk after the append, in milliseconds.</summary>
    [Id(3)] public int TimeoutMs { get; init; } = 30_000;

    /// <summary>How long the answer of another process may take: <see cref="TimeoutMs"/>, and some seconds for the way.</summary>
    public TimeSpan AnswerWithin => TimeSpan.FromMilliseconds(TimeoutMs + 5_000L);

    /// <summary>The leader epoch that the caller knows, or -1 to send it to whoever leads.</summary>
    [Id(4)] public int CurrentLeaderEpoch { get; init; } = -1;
}

/// <summary>The answer to a <see cref="ProduceRequest"/>.</summary>
[GenerateSerializer, Immutable, Alias("olog.ProduceResult")]
public readonly record struct ProduceResult
{
    /// <summary><see cref="ErrorCode.None"/> when stored.</summary>
    [Id(0)] public ErrorCode Error { get; init; }

    /// <summary>Whether the batch is in the log.</summary>
    [Id(1)] public ProduceOutcome Outcome { get; init; }

    /// <summary>Offset of the batch's first record, or -1.</summary>
    [Id(2)] public long BaseOffset { get; init; }

    /// <summary>Milliseconds since the Unix epoch that the broker stamped, or -1 where the producer's timestamps stand.</summary>
    [Id(3)] public long LogAppendTimeMs { get; init; }

    /// <summary>First offset that the partition still has, or -1.</summary>
    [Id(4)] public long LogStartOffset { get; init; }

    /// <summary>What was wrong and what to do, when the code alone does not say it; safe to show to a remote client.</summary>
    [Id(5)] public string? Message { get; init; }

    /// <summary>The records for which the batch was refused, in its order, the first 1,000; null where it was refused as a whole (KIP-467).</summary>
    [Id(6)] public RecordError[]? RecordErrors { get; init; }

    /// <summary>A batch that is in the log.</summary>
    public static ProduceResult Success(long baseOffset, long logAppendTimeMs, long logStartOffset) =>
        new() { Outcome = ProduceOutcome.Stored, BaseOffset = baseOffset, LogAppendTimeMs = logAppendTimeMs, LogStartOffset = logStartOffset };

    /// <summary>A batch that was refused, or whose fate is unknown.</summary>
    public static ProduceResult Failure(ErrorCode error, ProduceOutcome outcome, string? message = null) =>
        new() { Error = error, Outcome = outcome, BaseOffset = -1, LogAppendTimeMs = -1, LogStartOffset = -1, Message = message };
}

/// <summary>A record for which its batch was refused; without it, the others may be sent again.</summary>
/// <param name="BatchIndex">Where it stands in the batch, from 0.</param>
/// <param name="Message">What is wrong with it.</param>
[GenerateSerializer, Immutable, Alias("olog.RecordError")]
public readonly record struct RecordError([property: Id(0)] int BatchIndex, [property: Id(1)] string Message);
