using OrleansLog.Protocol.Records;

namespace OrleansLog.Client;

/// <summary>A record that was read.</summary>
/// <typeparam name="TKey">Type of the key.</typeparam>
/// <typeparam name="TValue">Type of the value.</typeparam>
public readonly struct ConsumeResult<TKey, TValue>
{
    private readonly RecordHeader[]? _headers;

    internal ConsumeResult(
        TopicPartition partition, long offset, long timestampMs, TimestampType timestampType, int leaderEpoch,
        TKey key, TValue value, RecordHeader[]? headers)
    {
        TopicPartition = partition;
        Offset = offset;
        TimestampMs = timestampMs;
        TimestampType = timestampType;
        LeaderEpoch = leaderEpoch;
        Key = key;
        Value = value;
        _headers = headers;
    }

    /// <summary>Where it was read.</summary>
    public TopicPartition TopicPartition { get; }

    /// <summary>Topic name.</summary>
    public string Topic => TopicPartition.Topic;

    /// <summary>Partition number.</summary>
    public int Partition => TopicPartition.Partition;

    /// <summary>Its offset.</summary>
    public long Offset { get; }

    /// <summary>Milliseconds since the Unix epoch, or -1 where the record has none.</summary>
    public long TimestampMs { get; }

    /// <summary>Who set the timestamp.</summary>
    public TimestampType TimestampType { get; }

    /// <summary>Epoch of the leader that wrote it.</summary>
    public int LeaderEpoch { get; }

    /// <summary>Its key.</summary>
    public TKey Key { get; }

    /// <summary>Its value.</summary>
    public TValue Value { get; }

    /// <summary>Its headers, in order; copies, which stay valid.</summary>
    public ReadOnlyMemory<RecordHeader> Headers => _headers;

    /// <summary>The timestamp as a date.</summary>
    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(0, TimestampMs));
}
