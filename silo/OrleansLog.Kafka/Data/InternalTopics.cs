namespace OrleansLog.Kafka.Data;

/// <summary>The topics that brokers keep for themselves; they are created with settings of their own, not because somebody asked for their metadata.</summary>
internal static class InternalTopics
{
    public static bool Contains(string name) => name is "__consumer_offsets" or "__transaction_state";
}
