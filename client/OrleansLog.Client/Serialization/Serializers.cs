namespace OrleansLog.Client;

/// <summary>The serializers that come with the SDK; big-endian numbers and UTF-8, as Kafka's own clients write them.</summary>
public static partial class Serializers
{
}
