using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>Where a record was stored.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number.</param>
/// <param name="Offset">Its offset there, or -1 with <see cref="Acks.None"/>.</param>
/// <param name="TimestampMs">Its timestamp: the producer's, or the broker's where the topic says <c>LogAppendTime</c>.</param>
public readonly record struct DeliveryResult(string Topic, int Partition, long Offset, long TimestampMs)
{
    /// <summary>Topic and partition.</summary>
    public TopicPartition TopicPartition => new(Topic, Partition);

    /// <summary>The timestamp as a date.</summary>
    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(TimestampMs);
}

/// <summary>The outcome of one record, for its <see cref="DeliveryHandler"/>.</summary>
public readonly struct DeliveryReport
{
    internal DeliveryReport(string topic, int partition, long offset, long timestampMs, LogException? error, object? state)
    {
        Topic = topic;
        Partition = partition;
        Offset = offset;
        TimestampMs = timestampMs;
        Error = error;
        State = state;
    }

    /// <summary>Topic name.</summary>
    public string Topic { get; }

    /// <summary>Partition number.</summary>
    public int Partition { get; }

    /// <summary>Offset of the record, or -1 when it failed or with <see cref="Acks.None"/>.</summary>
    public long Offset { get; }

    /// <summary>Timestamp of the record.</summary>
    public long TimestampMs { get; }

    /// <summary>Null when it was stored. <see cref="DeliveryUnknownException"/> says that it may have been.</summary>
    public LogException? Error { get; }

    /// <summary>What was handed in with the record.</summary>
    public object? State { get; }

    /// <summary>True when the record is in the log.</summary>
    public bool IsStored => Error is null;

    /// <summary>The same as a result; throws <see cref="Error"/> if there is one.</summary>
    public DeliveryResult ToResult() => Error is null ? new DeliveryResult(Topic, Partition, Offset, TimestampMs) : throw Error;
}

/// <summary>Told of the outcome of a record. Runs on a thread of the pool and holds up the records behind: be quick, do not block.</summary>
/// <param name="report">The outcome.</param>
public delegate void DeliveryHandler(in DeliveryReport report);
