namespace OrleansLog.Kafka;

/// <summary>The broker's listeners for Kafka clients.</summary>
public interface IKafkaListeners
{
    /// <summary>The listeners that are bound, in the order of <c>listeners</c>; empty before the silo starts, or when there are none.</summary>
    IReadOnlyList<ListenerEndpoint> Bound { get; }
}
