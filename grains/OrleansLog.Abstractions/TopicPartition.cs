namespace OrleansLog;

/// <summary>One partition of one topic, by name.</summary>
/// <param name="Topic">Topic name, 1 to 249 characters of <c>[a-zA-Z0-9._-]</c>.</param>
/// <param name="Partition">Partition number, from 0.</param>
[GenerateSerializer, Immutable, Alias("olog.TopicPartition")]
public readonly record struct TopicPartition([property: Id(0)] string Topic, [property: Id(1)] int Partition)
{
    /// <summary>The form that logs and directories use: <c>orders-0</c>.</summary>
    public override string ToString() => $"{Topic}-{Partition}";
}
