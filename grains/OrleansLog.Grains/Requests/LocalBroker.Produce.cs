using OrleansLog.Protocol;

namespace OrleansLog.Grains;

public sealed partial class LocalBroker
{
    /// <summary>
    /// Appends a batch. It is checked on the caller's thread (D14); the task completes when it is acknowledged as asked, or refused.
    /// The batch's memory is the broker's until then.
    /// </summary>
    public ValueTask<ProduceResult> ProduceAsync(ProduceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Acks is not (Acks.None or Acks.Leader or Acks.All))
        {
            return new(ProduceResult.Failure(
                ErrorCode.InvalidRequiredAcks, ProduceOutcome.NotStored, $"acks must be 0, 1 or -1 (all), not {(short)request.Acks}."));
        }

        if (InternalTopics.Contains(request.Partition.Topic))
        {
            return new(ProduceResult.Failure(
                ErrorCode.InvalidTopicException, ProduceOutcome.NotStored, $"{request.Partition.Topic} belongs to the brokers: only a coordinator writes to it."));
        }

        if (Find(request.Partition, out var refusal) is { } partition)
            return partition.ProduceAsync(request);

        if (refusal == ErrorCode.NotLeaderOrFollower)
            _broker.Refused.Add(request.Partition, request.Batch.Span);

        return new(ProduceResult.Failure(refusal, ProduceOutcome.NotStored, MessageFor(request.Partition, refusal)));
    }
}
