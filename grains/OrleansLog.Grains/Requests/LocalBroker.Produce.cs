using OrleansLog.Protocol;

namespace OrleansLog.Grains;

public sealed partial class LocalBroker
{
    /// <summary>
    /// Appends a batch. It is checked on the caller's thread (D14); the task completes when it is acknowledged as asked, or refused.
    /// The batch's memory is the broker's until then.
    /// </summary>
    /// <param name="request">The batch.</param>
    /// <param name="isAwaitedBriefly">
    /// Whether what goes on with the answer is brief and waits for nothing, as the sending of it: it may go on on the appender's thread then, which saves a hand-off to
    /// the thread pool, and holds up other appends.
    /// </param>
    public ValueTask<ProduceResult> ProduceAsync(ProduceRequest request, bool isAwaitedBriefly = false)
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
            return partition.ProduceAsync(request, isAwaitedBriefly);

        if (refusal == ErrorCode.NotLeaderOrFollower)
            _broker.Refused.Add(request.Partition, request.Batch.Span);

        return new(ProduceResult.Failure(refusal, ProduceOutcome.NotStored, MessageFor(request.Partition, refusal)));
    }
}
