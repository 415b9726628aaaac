using OrleansLog.Protocol;

namespace OrleansLog.Log;

/// <summary>What a leader does with a batch of an idempotent producer.</summary>
/// <param name="Error">
/// <see cref="ErrorCode.None"/>, <see cref="ErrorCode.OutOfOrderSequenceNumber"/> for a gap,
/// <see cref="ErrorCode.InvalidProducerEpoch"/> for an older epoch, <see cref="ErrorCode.InvalidTxnState"/>.
/// </param>
/// <param name="DuplicateOf">The offset at which the same batch is stored, or is about to be; -1 for one to append.</param>
/// <param name="TimestampMs">The largest timestamp of that batch, as it is stored; -1 for one to append.</param>
public readonly record struct ProducerCheck(ErrorCode Error, long DuplicateOf = -1, long TimestampMs = -1)
{
    /// <summary>Whether the batch is stored already and is to be answered with its offset.</summary>
    public bool IsDuplicate => DuplicateOf >= 0;
}
