namespace Interop.Tests.Clients;

/// <summary>A Kafka client under test, whatever it is written in.</summary>
public interface IInteropClient : IAsyncDisposable
{
    ClientTraits Traits { get; }

    Task ProduceAsync(string topic, int partition, string codec, bool idempotent, IReadOnlyList<Rec> records);

    /// <summary>The first records of partition 0, from the beginning.</summary>
    Task<Rec[]> ConsumeAsync(string topic, int count);

    /// <summary>Starts a member of a group, which reads from where the group is, and commits; it counts as dead after <paramref name="session"/>.</summary>
    Task JoinAsync(string group, string topic, string member, TimeSpan session);

    Task<MemberView> ViewAsync(string member);

    /// <summary>Commits and leaves.</summary>
    Task LeaveAsync(string member);

    Task CreateTopicAsync(string topic, int partitions, IReadOnlyDictionary<string, string> configs);

    Task DeleteTopicAsync(string topic);

    Task<string[]> TopicsAsync();

    Task<int> PartitionsAsync(string topic);

    Task<string> TopicConfigAsync(string topic, string name);

    /// <summary>Of partition 0.</summary>
    Task<OffsetsView> OffsetsAsync(string topic, long timestamp);

    Task<string[]> GroupsAsync();

    Task<int> GroupMembersAsync(string group);

    Task<long> CommittedAsync(string group, string topic, int partition);

    Task DeleteGroupAsync(string group);
}

/// <summary>What a member has: partitions, and each record as partition, offset, value in base64.</summary>
public sealed record MemberView(int[] Assigned, System.Text.Json.JsonElement[][] Received);

/// <summary>Ends of a partition, and the offset at a time.</summary>
public sealed record OffsetsView(long Low, long High, long At);
