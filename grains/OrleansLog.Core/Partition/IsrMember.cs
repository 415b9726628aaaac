namespace OrleansLog.Core.Partition;

/// <summary>A replica that a leader wants in the ISR.</summary>
/// <param name="BrokerId">Broker that holds the replica.</param>
/// <param name="BrokerEpoch">
/// Its broker epoch as its own fetches tell it: a broker that restarted meanwhile, perhaps without its data, is told apart (KIP-903).
/// </param>
public readonly record struct IsrMember(int BrokerId, long BrokerEpoch);
