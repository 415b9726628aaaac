namespace OrleansLog.Core.Partition;

/// <summary>Who may be in a partition's ISR, as the newest applied metadata says.</summary>
public interface IReplicaEligibility
{
    /// <summary>
    /// True when the broker is registered under exactly this epoch, unfenced and not shutting down, and the directory of its replica is
    /// known and online.
    /// </summary>
    /// <param name="brokerId"><c>node.id</c> of the broker.</param>
    /// <param name="brokerEpoch">Broker epoch that its fetches carry.</param>
    bool MayJoinIsr(int brokerId, long brokerEpoch);

    /// <summary>True when the broker is registered and unfenced: what it has still to do is waited for.</summary>
    /// <param name="brokerId"><c>node.id</c> of the broker.</param>
    bool IsAlive(int brokerId);
}
