using OrleansLog.Grains.Replication;

namespace OrleansLog.Kafka.Replication;

/// <summary>The broker at the other end of a connection to the replication listener.</summary>
/// <param name="brokerId">Who it says it is.</param>
/// <param name="brokerEpoch">Its broker epoch.</param>
/// <param name="awaitedProof">What it has to prove that with.</param>
internal sealed class ReplicaPeer(int brokerId, long brokerEpoch, byte[] awaitedProof) : IDisposable
{
    public int BrokerId { get; } = brokerId;

    public long BrokerEpoch { get; } = brokerEpoch;

    public ReadOnlySpan<byte> AwaitedProof => awaitedProof;

    public bool IsProven { get; set; }

    /// <summary>Its fetches, from the first one on.</summary>
    public ReplicaFetchSession? Session { get; set; }

    /// <summary>A further request has come while one is in work: what that waits for is not waited for any longer.</summary>
    public void NextRequestCame() => Session?.EndWait();

    public void Dispose() => Session?.Dispose();
}
