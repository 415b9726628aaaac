using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

/// <summary>What a broker's answer says about a batch. The wire has an error and no outcome, so the outcome is what the error proves.</summary>
internal static class ProduceAnswer
{
    public static ProduceResult Of(ProduceResponseData.PartitionProduceResponse partition) => partition.ErrorCode switch
    {
        ErrorCode.None or ErrorCode.DuplicateSequenceNumber =>
            ProduceResult.Success(partition.BaseOffset, partition.LogAppendTimeMs, partition.LogStartOffset),
        var error => ProduceResult.Failure(error, ProvesNotStored(error) ? ProduceOutcome.NotStored : ProduceOutcome.Unknown, partition.ErrorMessage) with
        {
            RecordErrors = partition.RecordErrors.Count == 0 ? null
                : [.. partition.RecordErrors.Select(bad => new RecordError(bad.BatchIndex, bad.BatchIndexErrorMessage ?? error.Describe()))],
        },
    };

    /// <summary>
    /// Only what no broker says about a batch that it has appended: what is wrong with the batch, its producer or the request, and what a leader
    /// asks before it writes. The others also end the wait for replicas or the disk behind an append: a leadership that went
    /// (NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH), a time that ran out, a disk that failed, and what this version does not know.
    /// </summary>
    private static bool ProvesNotStored(ErrorCode error) => error is
        ErrorCode.CorruptMessage or ErrorCode.InvalidRecord or ErrorCode.InvalidTimestamp or ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge
        or ErrorCode.UnsupportedCompressionType or ErrorCode.UnsupportedForMessageFormat
        or ErrorCode.OutOfOrderSequenceNumber or ErrorCode.UnknownProducerId or ErrorCode.InvalidProducerEpoch or ErrorCode.ProducerFenced
        or ErrorCode.InvalidProducerIdMapping or ErrorCode.InvalidTxnState
        or ErrorCode.InvalidRequest or ErrorCode.InvalidRequiredAcks or ErrorCode.UnsupportedVersion or ErrorCode.InvalidTopicException
        or ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TransactionalIdAuthorizationFailed
        or ErrorCode.PolicyViolation or ErrorCode.NotEnoughReplicas or ErrorCode.ThrottlingQuotaExceeded
        // Behind an append this one says that the topic was deleted, and its log with it.
        or ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId;
}
