using OrleansLog.Protocol;

namespace OrleansLog;

/// <summary>A producer asks for an id under which its batches are told apart from repetitions (KIP-98, KIP-360).</summary>
[GenerateSerializer, Immutable, Alias("olog.InitProducerIdRequest")]
public sealed record InitProducerIdRequest
{
    /// <summary>The producer's transactional id, or null for one that is only idempotent.</summary>
    [Id(0)] public string? TransactionalId { get; init; }

    /// <summary>How long a transaction may stay open, in milliseconds; without meaning where there is no transactional id.</summary>
    [Id(1)] public int TransactionTimeoutMs { get; init; } = -1;

    /// <summary>The id that the producer has and cannot go on with, or -1.</summary>
    [Id(2)] public long ProducerId { get; init; } = -1;

    /// <summary>The epoch that goes with it, or -1.</summary>
    [Id(3)] public short ProducerEpoch { get; init; } = -1;
}

/// <summary>The answer to an <see cref="InitProducerIdRequest"/>.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/>, or why there is no id.</param>
/// <param name="ProducerId">An id that nobody had before, or -1.</param>
/// <param name="Epoch">The epoch to begin with, or -1.</param>
/// <param name="Message">What was wrong and what to do.</param>
[GenerateSerializer, Immutable, Alias("olog.InitProducerIdResult")]
public readonly record struct InitProducerIdResult(ErrorCode Error, long ProducerId, short Epoch, string? Message = null)
{
    /// <summary>A request that was refused.</summary>
    public static InitProducerIdResult Failure(ErrorCode error, string? message) => new(error, -1, -1, message);
}
