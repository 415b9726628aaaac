using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Groups;

/// <summary>Members that come together, wait, fall silent and go.</summary>
public sealed class MemberTests
{
    [Fact]
    public async Task A_hundred_members_that_join_at_once_end_in_one_generation()
    {
        await using var broker = await (await GroupBroker.StartAsync(new MemoryDisk(), null, null, ("group.initial.rebalance.delay.ms", "3000"))).ReadyAsync();
        var told = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => broker.Groups.JoinAsync(GroupMember.Call("g")).AsTask())));
        var entered = await Task.WhenAll(told.Select(t => Task.Run(() => new[] { broker.Groups.JoinAsync(GroupMember.Call("g", t.MemberId)).AsTask() })));
        var joins = entered.SelectMany(join => join).ToArray();
        Assert.Equal(100, (await broker.Groups.DescribeAsync("g")).Members.Length);

        broker.Time.Advance(TimeSpan.FromSeconds(4));
        broker.Time.Advance(TimeSpan.FromSeconds(4));
        var joined = await Task.WhenAll(joins).WaitAsync(TimeSpan.FromMinutes(2));

        Assert.All(joined, result => Assert.Equal((ErrorCode.None, 1), (result.Error, result.GenerationId)));
        Assert.Equal(100, joined.Select(result => result.MemberId).Distinct().Count());
        var members = joined.Select(result => new GroupMember { GroupId = "g", Joined = result }).ToArray();
        var leader = Assert.Single(members, member => member.IsLeader);
        var syncs = members.Where(member => !member.IsLeader).Select(member => broker.Groups.SyncAsync(member.Sync()).AsTask()).ToList();
        syncs.Add(broker.Groups.SyncAsync(leader.Lead([1])).AsTask());
        Assert.All(await Task.WhenAll(syncs).WaitAsync(TimeSpan.FromMinutes(2)), result => Assert.Equal(ErrorCode.None, result.Error));
        Assert.Equal("Stable", (await broker.Groups.DescribeAsync("g")).State);
    }

    [Fact]
    public async Task A_silent_members_session_ends_and_the_group_is_empty()
    {
        await using var broker = await (await GroupBroker.StartAsync(new MemoryDisk())).ReadyAsync();
        var member = await broker.StableAsync("g");

        broker.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(ErrorCode.None, await broker.Groups.HeartbeatAsync(member.Heartbeat()));
        broker.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal("Stable", (await broker.Groups.DescribeAsync("g")).State);
        broker.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("Empty", (await broker.Groups.DescribeAsync("g")).State);
        Assert.Equal(ErrorCode.UnknownMemberId, await broker.Groups.HeartbeatAsync(member.Heartbeat()));
    }

    [Fact]
    public async Task A_caller_that_gives_up_waits_no_longer()
    {
        await using var broker = await (await GroupBroker.StartAsync(new MemoryDisk(), null, null, ("group.initial.rebalance.delay.ms", "3000"))).ReadyAsync();
        var told = await broker.Groups.JoinAsync(GroupMember.Call("g"));
        using var cancel = new CancellationTokenSource();
        var join = broker.Groups.JoinAsync(GroupMember.Call("g", told.MemberId), cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => join);
    }

    [Fact]
    public async Task Above_the_bounds_members_and_groups_are_refused()
    {
        await using var broker = await (await GroupBroker.StartAsync(
            new MemoryDisk(), null, null, ("group.initial.rebalance.delay.ms", "3000"), ("orleanslog.group.waiting.max", "1"), ("orleanslog.groups.max", "2"))).ReadyAsync();
        var told = await broker.Groups.JoinAsync(GroupMember.Call("g"));
        var other = await broker.Groups.JoinAsync(GroupMember.Call("other"));
        var waiting = broker.Groups.JoinAsync(GroupMember.Call("g", told.MemberId)).AsTask();

        var refused = await broker.Groups.JoinAsync(GroupMember.Call("other", other.MemberId));
        broker.Time.Advance(TimeSpan.FromSeconds(4));
        broker.Time.Advance(TimeSpan.FromSeconds(4));
        await waiting.WaitAsync(TimeSpan.FromMinutes(2));
        var third = await broker.Groups.JoinAsync(GroupMember.Call("third"));

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, refused.Error);
        Assert.Equal(ErrorCode.GroupMaxSizeReached, third.Error);
    }

    [Fact]
    public async Task A_member_that_leaves_is_gone_and_groups_that_nobody_made_have_no_members()
    {
        await using var broker = await (await GroupBroker.StartAsync(new MemoryDisk())).ReadyAsync();
        var member = await broker.StableAsync("g");

        var left = await broker.Groups.LeaveAsync(member.Leave());
        var again = await broker.Groups.LeaveAsync(member.Leave());
        var nobody = await broker.Groups.LeaveAsync(member.Leave() with { GroupId = "nobody" });

        Assert.Equal([ErrorCode.None], left.Members);
        Assert.Equal([ErrorCode.UnknownMemberId], again.Members);
        Assert.Equal((ErrorCode.None, ErrorCode.UnknownMemberId), (nobody.Error, nobody.Members[0]));
        Assert.Equal(ErrorCode.UnknownMemberId, await broker.Groups.HeartbeatAsync(member.Heartbeat() with { GroupId = "nobody" }));
        Assert.Equal(ErrorCode.UnknownMemberId, (await broker.Groups.SyncAsync(member.Sync() with { GroupId = "nobody" })).Error);
        Assert.Equal(ErrorCode.InvalidGroupId, (await broker.Groups.JoinAsync(GroupMember.Call(""))).Error);
        Assert.Equal(["g"], (await broker.Groups.ListAsync(["empty"], ["Classic"])).Groups.Select(group => group.GroupId));
        Assert.Empty((await broker.Groups.ListAsync(["Stable"], [])).Groups);
        Assert.Empty((await broker.Groups.ListAsync([], ["consumer"])).Groups);
    }
}
