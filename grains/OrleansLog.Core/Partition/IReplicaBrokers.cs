namespace OrleansLog.Core.Partition;

/// <summary>What the newest applied metadata says of the brokers that hold a partition's replicas.</summary>
public interface IReplicaBrokers
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

    /// <summary><c>broker.rack</c> of a broker, or null.</summary>
    /// <param name="brokerId"><c>node.id</c> of the broker.</param>
    string? RackOf(int brokerId);
}
