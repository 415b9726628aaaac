using OrleansLog.Kafka.Tests.Network;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Hostile;

/// <summary>Strangers who found groups and join them by the thousand: each is answered, and what they leave behind is bounded and goes.</summary>
[Collection(Alone.Name)]
public class GroupFloodTests
{
    private const short WithKnownMemberIds = 5;
    private const short WithoutMemberIds = 3;
    private const long MostGrowth = 16L << 20;

    /// <summary>No flood lasts as long, on any machine.</summary>
    private const int LongSessionMs = 20 * 60_000;

    [Fact]
    public async Task Thousands_of_groups_end_at_the_bound()
    {
        const int Groups = 100;
        const int Flood = 5_000;
        await using var broker = await StartAsync(("orleanslog.groups.max", $"{Groups}"));
        using var client = await broker.ConnectRawAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var errors = await FloodAsync(client, Flood, static i => Join($"flood-{i}", LongSessionMs));

        Assert.Equal(Groups, errors.Count(static error => error == ErrorCode.MemberIdRequired));
        Assert.Equal(Flood - Groups, errors.Count(static error => error == ErrorCode.GroupMaxSizeReached));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, MostGrowth);
    }

    [Fact]
    public async Task Groups_that_nobody_joined_in_the_end_make_room_for_others()
    {
        await using var broker = await StartAsync(("orleanslog.groups.max", "10"), ("offsets.retention.check.interval.ms", "200"));
        using var client = await broker.ConnectRawAsync();
        var errors = await FloodAsync(client, 1_000, static i => Join($"flood-{i}", sessionTimeoutMs: 100));
        Assert.Contains(ErrorCode.GroupMaxSizeReached, errors);

        await JoinsOnceThereIsRoomAsync(client, Join("serious", sessionTimeoutMs: 10_000));
    }

    [Fact]
    public async Task Thousands_of_members_that_never_come_back_with_their_id_end_at_the_bound()
    {
        const int Pending = 100;
        const int Flood = 5_000;
        await using var broker = await StartAsync(("orleanslog.group.pending.members.max", $"{Pending}"));
        using var client = await broker.ConnectRawAsync();
        var errors = await FloodAsync(client, Flood, static _ => Join("patient", LongSessionMs));
        Assert.Equal(Pending, errors.Count(static error => error == ErrorCode.MemberIdRequired));
        Assert.Equal(Flood - Pending, errors.Count(static error => error == ErrorCode.GroupMaxSizeReached));

        // Where sessions end while the flood goes on, they make room for others.
        errors = await FloodAsync(client, Flood, static _ => Join("crowd", sessionTimeoutMs: 300));
        Assert.InRange(errors.Count(static error => error == ErrorCode.MemberIdRequired), Pending, Flood);
        Assert.All(errors, static error => Assert.True(error is ErrorCode.MemberIdRequired or ErrorCode.GroupMaxSizeReached, error.ToString()));

        // Those who never came are forgotten, and somebody who means it gets in.
        await JoinsOnceThereIsRoomAsync(client, Join("crowd", sessionTimeoutMs: 300));
    }

    [Fact]
    public async Task A_group_has_no_more_members_than_group_max_size()
    {
        const int Most = 10;
        const int Crowd = 300;
        await using var broker = await StartAsync(("group.max.size", $"{Most}"), ("group.initial.rebalance.delay.ms", "5000"));
        var clients = new List<RawClient>();
        for (var i = 0; i < Crowd; i++)
            clients.Add(await broker.ConnectRawAsync());

        // The first to come wait for the generation; everybody else is told at once.
        await Task.WhenAll(clients.Select(static client => client.SendAsync(Join("full", LongSessionMs), WithoutMemberIds)));
        var answers = await Task.WhenAll(clients.Select(static client => client.ReceiveAsync<JoinGroupResponseData>(WithoutMemberIds)));

        Assert.Equal(Most, answers.Count(static answer => answer.ErrorCode == ErrorCode.None));
        Assert.Equal(Crowd - Most, answers.Count(static answer => answer.ErrorCode == ErrorCode.GroupMaxSizeReached));
        Assert.Equal(Most, Assert.Single(answers, static answer => answer.Members.Count > 0).Members.Count);

        using var late = await broker.ConnectRawAsync();
        Assert.Equal(ErrorCode.GroupMaxSizeReached, await JoinAsync(late, Join("full", LongSessionMs)));
        clients.ForEach(static client => client.Dispose());
    }

    [Fact]
    public async Task What_members_make_a_broker_hold_ends_at_the_bound_and_who_leaves_makes_room()
    {
        const int Flood = 3_000;
        const int MetadataBytes = 50_000;
        const int Bound = 8 << 20;
        await using var broker = await StartAsync(("orleanslog.group.members.max.bytes", $"{Bound}"), ("group.initial.rebalance.delay.ms", "0"));
        using var client = await broker.ConnectRawAsync();
        var first = await client.AskAsync<JoinGroupRequestData, JoinGroupResponseData>(Heavy("first"), WithoutMemberIds);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var errors = await FloodAsync(client, Flood, static i => Heavy($"heavy-{i}"), WithoutMemberIds);

        // 150 MB were offered. The last eighth is for those who are in.
        Assert.InRange(errors.Count(static error => error == ErrorCode.None), 100, Bound * 7 / 8 / MetadataBytes);
        Assert.All(errors, static error => Assert.True(error is ErrorCode.None or ErrorCode.GroupMaxSizeReached, error.ToString()));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, MostGrowth);

        var leave = new LeaveGroupRequestData { GroupId = "first", MemberId = first.MemberId };
        Assert.Equal(ErrorCode.None, (await client.AskAsync<LeaveGroupRequestData, LeaveGroupResponseData>(leave, 0)).ErrorCode);
        Assert.Equal(ErrorCode.None, Assert.Single(await FloodAsync(client, 1, static _ => Heavy("late"), WithoutMemberIds)));
        Assert.Equal(ErrorCode.GroupMaxSizeReached, Assert.Single(await FloodAsync(client, 1, static _ => Heavy("later"), WithoutMemberIds)));

        static JoinGroupRequestData Heavy(string group) => Join(group, LongSessionMs, new byte[MetadataBytes]);
    }

    private static async Task<KafkaBroker> StartAsync(params (string Key, string Value)[] settings)
    {
        var broker = await KafkaBroker.StartAsync(
            [("orleanslog.flush.policy", "os"), ("offsets.topic.num.partitions", "3"), ("group.min.session.timeout.ms", "100"), .. settings]);
        using var client = await broker.ConnectRawAsync();
        Assert.Equal(ErrorCode.None, (await client.AskAsync<FindCoordinatorRequestData, FindCoordinatorResponseData>(new() { Key = "any" }, 0)).ErrorCode);

        // The shards load in their own time; a list waits for all of them.
        Assert.Equal(ErrorCode.None, (await client.AskAsync<ListGroupsRequestData, ListGroupsResponseData>(new(), 0)).ErrorCode);
        return broker;
    }

    /// <summary>Sends them all without waiting, and reads what comes.</summary>
    private static async Task<ErrorCode[]> FloodAsync(
        RawClient client, int count, Func<int, JoinGroupRequestData> join, short version = WithKnownMemberIds)
    {
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
                await client.SendAsync(join(i), version, i);
        });
        var errors = new ErrorCode[count];
        for (var i = 0; i < count; i++)
            errors[i] = (await client.ReceiveAsync<JoinGroupResponseData>(version, i)).ErrorCode;

        await sending;
        return errors;
    }

    private static async Task JoinsOnceThereIsRoomAsync(RawClient client, JoinGroupRequestData join)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        for (ErrorCode error; (error = await JoinAsync(client, join)) != ErrorCode.MemberIdRequired;)
        {
            Assert.Equal(ErrorCode.GroupMaxSizeReached, error);
            Assert.False(patience.IsCancellationRequested, "there is no room again");
        }
    }

    private static async Task<ErrorCode> JoinAsync(RawClient client, JoinGroupRequestData join) =>
        (await client.AskAsync<JoinGroupRequestData, JoinGroupResponseData>(join, WithKnownMemberIds)).ErrorCode;

    private static JoinGroupRequestData Join(string group, int sessionTimeoutMs, byte[]? metadata = null) => new()
    {
        GroupId = group,
        ProtocolType = "consumer",
        SessionTimeoutMs = sessionTimeoutMs,
        RebalanceTimeoutMs = 60_000,
        Protocols = [new() { Name = "range", Metadata = metadata ?? new byte[1000] }],
    };
}
