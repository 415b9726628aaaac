using System.Text.Json;
using Confluent.Kafka;

namespace OrleansLog.Cluster.Member;

using AutoOffsetReset = Confluent.Kafka.AutoOffsetReset;

/// <summary>Who a member is and how it behaves; travels to a child process as one argument.</summary>
public sealed record MemberSettings(string BootstrapServers, string Group, string Name, IReadOnlyList<string> Topics, PartitionAssignmentStrategy Strategy)
{
    /// <summary>The SDK's consumer rather than librdkafka's; it assigns cooperatively.</summary>
    public bool IsSdk { get; init; }

    /// <summary>The id of a static member, or null.</summary>
    public string? InstanceId { get; init; }

    public int SessionTimeoutMs { get; init; } = 4_000;

    /// <summary>Without a poll for so long it is out, which is also how long a rebalance waits for it.</summary>
    public int MaxPollIntervalMs { get; init; } = 8_000;

    /// <summary>Polled records are committed this often, and when a partition is given back.</summary>
    public int CommitIntervalMs { get; init; } = 100;

    public string ToArgument() => JsonSerializer.Serialize(this);

    public static MemberSettings FromArgument(string argument) =>
        JsonSerializer.Deserialize<MemberSettings>(argument) ?? throw new ArgumentException("No settings.", nameof(argument));

    internal ConsumerConfig ToConfig() => new()
    {
        BootstrapServers = BootstrapServers,
        GroupId = Group,
        ClientId = Name,
        GroupInstanceId = InstanceId,
        PartitionAssignmentStrategy = Strategy,
        SessionTimeoutMs = SessionTimeoutMs,
        HeartbeatIntervalMs = 300,
        MaxPollIntervalMs = MaxPollIntervalMs,
        EnableAutoCommit = false,
        EnableAutoOffsetStore = false,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        FetchWaitMaxMs = 100,
        QueuedMaxMessagesKbytes = 4_096,
        ReconnectBackoffMs = 50,
        ReconnectBackoffMaxMs = 500,
        TopicMetadataRefreshIntervalMs = 5_000,
    };
}
