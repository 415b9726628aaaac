namespace OrleansLog.Kafka.Replication;

/// <summary>What is at the other end is not the broker that it should be, or does not speak as one.</summary>
/// <param name="message">What it did.</param>
internal sealed class PeerException(string message) : Exception(message);
