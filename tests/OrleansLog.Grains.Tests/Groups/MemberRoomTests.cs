using OrleansLog.Grains.Tests.Broker;
using OrleansLog.Log;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Groups;

/// <summary><c>orleanslog.group.members.max.bytes</c>: what the members of all groups hold has a bound, and whoever goes makes room.</summary>
public sealed class MemberRoomTests
{
    private const int Most = 64 * 1024;
    private const int MetadataBytes = 5_000;

    [Fact]
    public async Task Members_of_all_groups_end_at_the_bound_and_those_who_are_in_go_on()
    {
        await using var broker = await StartAsync();
        var members = await FillAsync(broker);

        // The last eighth is kept for them: they are assigned partitions, and rejoin with more than before.
        Assert.InRange(members.Count, 7, 10);
        foreach (var member in members)
            Assert.Equal(ErrorCode.None, (await broker.Groups.SyncAsync(member.Lead(new byte[1_000]))).Error);

        var again = await broker.Groups.JoinAsync(Call(members[0].GroupId, members[0].Joined.MemberId, MetadataBytes + 100));
        Assert.Equal((ErrorCode.None, 2), (again.Error, again.GenerationId));
        Assert.Equal(ErrorCode.GroupMaxSizeReached, (await broker.Groups.JoinAsync(Call("late"))).Error);
        Assert.InRange(broker.MemberBytes, Most * 7 / 8, Most);
    }

    [Fact]
    public async Task Members_that_leave_or_fall_silent_make_room_until_nothing_is_held()
    {
        await using var broker = await StartAsync();
        var members = await FillAsync(broker);

        Assert.Equal([ErrorCode.None], (await broker.Groups.LeaveAsync(members[0].Leave())).Members);
        await broker.AppendedAsync();
        Assert.Equal(ErrorCode.None, (await broker.Groups.JoinAsync(Call("instead"))).Error);
        Assert.Equal(ErrorCode.MemberIdRequired, (await broker.Groups.JoinAsync(GroupMember.Call("never-comes-back"))).Error);

        broker.Time.Advance(TimeSpan.FromSeconds(11));
        await broker.AppendedAsync();
        Assert.Equal(0, broker.MemberBytes);
        Assert.NotEmpty(await FillAsync(broker));
    }

    [Fact]
    public async Task A_lost_leadership_gives_the_room_back_and_a_load_takes_it_whatever_the_bound()
    {
        var disk = new MemoryDisk();
        await using var broker = await StartAsync(disk);
        var members = await FillAsync(broker);
        foreach (var member in members)
            Assert.Equal(ErrorCode.None, (await broker.Groups.SyncAsync(member.Lead([9]))).Error);
        var held = broker.MemberBytes;

        await broker.Inner.ChangePartitionAsync(GroupBroker.Kept, leader: 2);
        Assert.Equal(0, broker.MemberBytes);
        await broker.Inner.ChangePartitionAsync(GroupBroker.Kept, leader: TestBroker.Id);
        await broker.LoadedAsync();
        Assert.Equal(held, broker.MemberBytes);
        await broker.DisposeAsync();

        await using var narrow = await (await GroupBroker.StartAsync(disk, broker, null, ("orleanslog.group.members.max.bytes", "1"))).ReadyAsync();
        Assert.Equal(held, narrow.MemberBytes);
        foreach (var member in members)
            Assert.Equal(ErrorCode.None, await narrow.Groups.HeartbeatAsync(member.Heartbeat()));

        var rejoined = await narrow.Groups.JoinAsync(Call(members[0].GroupId, members[0].Joined.MemberId));
        Assert.Equal((ErrorCode.None, 2), (rejoined.Error, rejoined.GenerationId));
    }

    [Fact]
    public async Task A_refused_assignment_is_taken_once_there_is_room()
    {
        await using var broker = await StartAsync();
        var members = await FillAsync(broker);

        var refused = await broker.Groups.SyncAsync(members[0].Lead(new byte[MetadataBytes * 3]));
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, refused.Error);
        Assert.InRange(broker.MemberBytes, 1, Most);

        await broker.Groups.LeaveAsync(members[1].Leave());
        await broker.Groups.LeaveAsync(members[2].Leave());
        await broker.AppendedAsync();
        var joined = await broker.Groups.JoinAsync(Call(members[0].GroupId, members[0].Joined.MemberId));
        var member = new GroupMember { GroupId = members[0].GroupId, Joined = joined };
        var taken = await broker.Groups.SyncAsync(member.Lead(new byte[MetadataBytes * 3]));
        Assert.Equal((ErrorCode.None, MetadataBytes * 3), (taken.Error, taken.Assignment.Length));
    }

    [Fact]
    public async Task The_sum_of_many_shards_under_churn_is_what_their_groups_hold()
    {
        await using var broker = await StartAsync(new MemoryDisk(), ("offsets.topic.num.partitions", "4"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var round = 0; round < 50; round++)
            {
                var group = $"churn-{worker}-{round}";
                var joined = await broker.Groups.JoinAsync(Call(group, metadataBytes: 100 * worker));
                if (joined.Error != ErrorCode.None)
                    continue;

                var member = new GroupMember { GroupId = group, Joined = joined };
                await broker.Groups.SyncAsync(member.Lead(new byte[100 * round]));
                if (round % 5 != 0)
                    await broker.Groups.LeaveAsync(member.Leave());
            }
        })));
        await broker.AppendedAsync();

        var held = new long[1];
        foreach (var shard in broker.Inner.Host.Coordinators.All)
            Assert.True(shard.TryVisit(held, static (group, sum) => sum[0] += group.MemberBytes));
        Assert.Equal(held[0], broker.MemberBytes);
        Assert.InRange(held[0], 1, Most);

        broker.Time.Advance(TimeSpan.FromSeconds(11));
        await broker.AppendedAsync();
        Assert.Equal(0, broker.MemberBytes);
    }

    private static async Task<GroupBroker> StartAsync(IDisk? disk = null, params (string Key, string Value)[] settings) =>
        await (await GroupBroker.StartAsync(disk ?? new MemoryDisk(), null, null, [("orleanslog.group.members.max.bytes", $"{Most}"), .. settings])).ReadyAsync();

    /// <summary>A group of one member each, until the next one is refused.</summary>
    private static async Task<List<GroupMember>> FillAsync(GroupBroker broker)
    {
        var members = new List<GroupMember>();
        while (members.Count < 1_000)
        {
            var group = $"group-{members.Count}";
            var joined = await broker.Groups.JoinAsync(Call(group));
            Assert.InRange(broker.MemberBytes, 1, Most * 7 / 8);
            if (joined.Error == ErrorCode.GroupMaxSizeReached)
                return members;

            Assert.Equal(ErrorCode.None, joined.Error);
            members.Add(new GroupMember { GroupId = group, Joined = joined });
        }

        throw new InvalidOperationException("There is no bound.");
    }

    /// <summary>A join that needs no id of its own first.</summary>
    private static JoinGroupCall Call(string group, string memberId = "", int metadataBytes = MetadataBytes) => GroupMember.Call(group, memberId) with
    {
        RequireKnownMemberId = false,
        ProtocolType = "connect",
        Protocols = [new GroupProtocol("range", new byte[metadataBytes])],
    };
}
