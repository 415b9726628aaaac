using OrleansLog.Grains.Tests.Broker;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Groups;

/// <summary>Coordinators come with the leadership of their partition, load it, and go with it.</summary>
public sealed class CoordinatorLifeTests
{
    [Fact]
    public async Task The_first_group_that_is_looked_for_makes_the_topic_once()
    {
        await using var broker = await GroupBroker.StartAsync(
            new MemoryDisk(), null, null, ("offsets.topic.num.partitions", "3"), ("offsets.topic.segment.bytes", "1048576"));

        var found = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => broker.Groups.FindCoordinatorAsync($"group-{i}").AsTask()));

        Assert.All(found, location => Assert.Equal((ErrorCode.None, TestBroker.Id), (location.Error, location.BrokerId)));
        var topic = Assert.Single(broker.Inner.TopicsAskedFor);
        Assert.Equal((GroupBroker.Offsets, 3, (short)1), (topic.Name, topic.Partitions, topic.ReplicationFactor));
        Assert.Equal(("compact", "producer", "1048576"), (topic.Configs["cleanup.policy"], topic.Configs["compression.type"], topic.Configs["segment.bytes"]));
    }

    [Fact]
    public async Task Without_enough_brokers_there_is_no_coordinator_yet_and_the_controller_is_not_asked_at_every_call()
    {
        await using var broker = await GroupBroker.StartAsync(new MemoryDisk(), null, null, ("offsets.topic.replication.factor", "3"));
        broker.Inner.CreationError = ErrorCode.InvalidReplicationFactor;

        var first = await broker.Groups.FindCoordinatorAsync("g");
        var second = await broker.Groups.FindCoordinatorAsync("g");
        broker.Inner.CreationError = ErrorCode.None;
        broker.Time.Advance(TimeSpan.FromSeconds(2));
        var third = await broker.Groups.FindCoordinatorAsync("g");

        Assert.Equal([ErrorCode.CoordinatorNotAvailable, ErrorCode.CoordinatorNotAvailable, ErrorCode.None], [first.Error, second.Error, third.Error]);
        Assert.Equal([3, 3], broker.Inner.TopicsAskedFor.Select(topic => topic.ReplicationFactor));
    }

    [Fact]
    public async Task Offsets_are_kept_however_large_the_topic_of_offsets_lets_a_batch_be()
    {
        await using var broker = await (await GroupBroker.StartAsync(new MemoryDisk())).ReadyAsync();
        await broker.Inner.AlterTopicAsync(GroupBroker.Offsets, "max.message.bytes", $"{int.MaxValue}");
        Assert.Equal(ErrorCode.None, await broker.CommitAsync("g", GroupBroker.Orders, 5));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Committed_offsets_and_members_are_there_after_a_restart(bool isKilled)
    {
        var disk = new MemoryDisk();
        var broker = await (await GroupBroker.StartAsync(disk)).ReadyAsync();
        var member = await broker.StableAsync("g");
        Assert.Equal([ErrorCode.None], (await broker.Groups.CommitAsync(member.Commit(GroupBroker.Orders, 42, "note"))).Errors);
        if (!isKilled)
            await broker.DisposeAsync();

        await using var again = await (await GroupBroker.StartAsync(isKilled ? disk.Kill() : disk, broker)).ReadyAsync();

        Assert.Equal(42, again.Committed("g", GroupBroker.Orders));
        Assert.Equal(ErrorCode.None, await again.Groups.HeartbeatAsync(member.Heartbeat()));
        var described = await again.Groups.DescribeAsync("g");
        Assert.Equal(("Stable", "range", 1), (described.State, described.ProtocolName, described.Members.Length));
        Assert.Equal([9], described.Members[0].Assignment.ToArray());
        Assert.Equal("g", Assert.Single((await again.Groups.ListAsync([], [])).Groups).GroupId);
    }

    [Fact]
    public async Task A_lost_leadership_sends_waiting_members_elsewhere_and_a_regained_one_loads_again()
    {
        await using var broker = await (await GroupBroker.StartAsync(new MemoryDisk())).ReadyAsync();
        await broker.CommitAsync("g", GroupBroker.Orders, 7);
        await broker.StableAsync("g");
        var waiting = await WaitingJoinAsync(broker, "g");

        await broker.Inner.ChangePartitionAsync(GroupBroker.Kept, leader: 2);

        Assert.Equal(ErrorCode.NotCoordinator, (await waiting.WaitAsync(TimeSpan.FromMinutes(2))).Error);
        Assert.Equal(ErrorCode.NotCoordinator, (await broker.Groups.FetchOffsetsAsync(new FetchOffsetsCall { GroupId = "g" })).Error);
        Assert.Equal(ErrorCode.NotCoordinator, await broker.CommitAsync("g", GroupBroker.Orders, 8));
        Assert.Equal(2, (await broker.Groups.FindCoordinatorAsync("g")).BrokerId);

        await broker.Inner.ChangePartitionAsync(GroupBroker.Kept, leader: TestBroker.Id);
        await broker.LoadedAsync();
        Assert.Equal(7, broker.Committed("g", GroupBroker.Orders));
    }

    [Fact]
    public async Task A_stopping_broker_answers_members_that_wait()
    {
        await using var broker = await (await GroupBroker.StartAsync(new MemoryDisk())).ReadyAsync();
        await broker.StableAsync("g");
        var waiting = await WaitingJoinAsync(broker, "g");

        broker.Inner.Host.StopServing();

        Assert.Equal(ErrorCode.NotCoordinator, (await waiting.WaitAsync(TimeSpan.FromMinutes(2))).Error);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await broker.Groups.JoinAsync(GroupMember.Call("g"))).Error);
    }

    [Fact]
    public async Task A_damaged_log_leaves_its_groups_without_a_coordinator_and_says_so()
    {
        var disk = new MemoryDisk();
        var broker = await (await GroupBroker.StartAsync(disk)).ReadyAsync();
        await broker.CommitAsync("g", GroupBroker.Orders, 42);
        await broker.DisposeAsync();
        var path = $"/data/{GroupBroker.Kept}/00000000000000000000.log";
        var bytes = disk.ReadAll(path);
        bytes[^1] ^= 1;
        disk.WriteAll(path, bytes);
        var log = new BrokerLogRecord();

        await using var again = await GroupBroker.StartAsync(disk, broker, log);
        await again.LoadedAsync();

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await again.Groups.FetchOffsetsAsync(new FetchOffsetsCall { GroupId = "g" })).Error);
        Assert.Single(log.Of(2202));
    }

    /// <summary>A second member whose join waits for the first one to join again.</summary>
    private static async Task<Task<JoinGroupResult>> WaitingJoinAsync(GroupBroker broker, string group)
    {
        var told = await broker.Groups.JoinAsync(GroupMember.Call(group));
        var waiting = broker.Groups.JoinAsync(GroupMember.Call(group, told.MemberId)).AsTask();
        Assert.Equal("PreparingRebalance", (await broker.Groups.DescribeAsync(group)).State);
        Assert.False(waiting.IsCompleted);
        return waiting;
    }
}
