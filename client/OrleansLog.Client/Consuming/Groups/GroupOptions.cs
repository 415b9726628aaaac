namespace OrleansLog.Client;

/// <summary>Told of partitions that come or go; awaited before the group goes on.</summary>
/// <param name="partitions">The partitions.</param>
/// <param name="cancellationToken">Fires when the consumer is closed for good.</param>
public delegate ValueTask RebalanceHandler(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken);

/// <summary>Membership in a consumer group, with Kafka's meanings; read once, when the consumer subscribes.</summary>
/// <remarks>
/// Handlers run one at a time, and never while the program works on a record: a change of the assignment waits until the reader
/// asks for the next record, for at most <see cref="MaxPollIntervalMs"/>. What a handler throws is thrown by the read.
/// </remarks>
/// <example>
/// <code>
/// var group = new GroupOptions
/// {
///     GroupId = "billing",
///     OnRevoked = (partitions, token) =&gt; consumer.CommitAsync(token),
/// };
/// await foreach (var record in consumer.SubscribeAsync(Subscription.To("orders"), group, cancellationToken))
///     Console.WriteLine(record.Value);
/// </code>
/// </example>
public sealed class GroupOptions
{
    /// <summary>The group's name; members of one name share the partitions. Required.</summary>
    public string GroupId { get; set; } = "";

    /// <summary>
    /// Name of this member that outlives the process (<c>group.instance.id</c>, KIP-345): a restart within
    /// <see cref="SessionTimeoutMs"/> gets the same partitions back without a rebalance. Null: a dynamic member.
    /// </summary>
    public string? GroupInstanceId { get; set; }

    /// <summary>What the member calls itself; its member id begins with it. Default <c>orleanslog</c>.</summary>
    public string ClientId { get; set; } = "orleanslog";

    /// <summary>
    /// Assignors in order of preference; the group takes one that all members name. Default: cooperative-sticky. Members of
    /// other clients often name <see cref="GroupAssignor.Range"/>.
    /// </summary>
    public IList<GroupAssignor> Assignors { get; set; } = [GroupAssignor.CooperativeSticky];

    /// <summary>Silence after which the coordinator takes the member for dead, in milliseconds: default 45,000.</summary>
    public int SessionTimeoutMs { get; set; } = 45_000;

    /// <summary>Pause between heartbeats, in milliseconds: below a third of the session, default 3,000.</summary>
    public int HeartbeatIntervalMs { get; set; } = 3_000;

    /// <summary>
    /// Longest work on a record (or on what one poll returned), in milliseconds: default 300,000. A member that takes longer leaves
    /// the group, so that others go on with its partitions, and joins again with its next read. Also how long a rebalance
    /// waits for the members.
    /// </summary>
    public int MaxPollIntervalMs { get; set; } = 300_000;

    /// <summary>
    /// Commits by itself: every <see cref="AutoCommitIntervalMs"/>, when partitions are revoked, and at the end. Only what the program is
    /// done with, which it says by asking for the next record. Default true.
    /// </summary>
    public bool AutoCommit { get; set; } = true;

    /// <summary>Pause between automatic commits, in milliseconds: default 5,000.</summary>
    public int AutoCommitIntervalMs { get; set; } = 5_000;

    /// <summary>Longest wait for the last commit, and then for leaving, each in milliseconds: default 10,000.</summary>
    public int CloseTimeoutMs { get; set; } = 10_000;

    /// <summary>These partitions are now read by this member; positions are set, nothing was delivered yet, and it may seek.</summary>
    public RebalanceHandler? OnAssigned { get; set; }

    /// <summary>These partitions are about to go to others; they are still this member's, and it may commit.</summary>
    public RebalanceHandler? OnRevoked { get; set; }

    /// <summary>
    /// These partitions are gone already, because the group had given this member up; others may be reading them, and commits for
    /// them fail. Null: <see cref="OnRevoked"/> is told.
    /// </summary>
    public RebalanceHandler? OnLost { get; set; }

    internal bool IsCooperative => Assignors.All(static assignor => assignor == GroupAssignor.CooperativeSticky);

    internal GroupOptions Snapshot()
    {
        var copy = (GroupOptions)MemberwiseClone();
        copy.Assignors = [.. Assignors.Distinct()];
        copy.Validate();
        return copy;
    }

    private void Validate()
    {
        if (string.IsNullOrEmpty(GroupId))
            throw new ArgumentException("GroupId is empty; a group needs a name.");
        if (GroupInstanceId is "")
            throw new ArgumentException("GroupInstanceId is empty; null makes a dynamic member.");
        if (Assignors.Count == 0)
            throw new ArgumentException("Assignors is empty; name at least one.");
        foreach (var assignor in Assignors)
            OptionCheck.Defined(nameof(Assignors), assignor);
        OptionCheck.Range(nameof(SessionTimeoutMs), SessionTimeoutMs, 1, 1_800_000);
        OptionCheck.Range(nameof(HeartbeatIntervalMs), HeartbeatIntervalMs, 1, Math.Max(1, SessionTimeoutMs - 1));
        OptionCheck.Range(nameof(MaxPollIntervalMs), MaxPollIntervalMs, 1, int.MaxValue);
        OptionCheck.Range(nameof(AutoCommitIntervalMs), AutoCommitIntervalMs, 1, int.MaxValue);
        OptionCheck.Range(nameof(CloseTimeoutMs), CloseTimeoutMs, 0, int.MaxValue);
    }
}
