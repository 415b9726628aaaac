using OrleansLog.Core.Groups;
using OrleansLog.Grains.Tests.Broker;
using OrleansLog.Log;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Groups;

/// <summary>Committed offsets: when they count, when they go, and what happens when their records cannot be written.</summary>
public sealed class OffsetTests
{
    [Fact]
    public async Task A_commit_is_answered_and_shown_only_when_its_record_is_committed()
    {
        var disk = new MemoryDisk();
        await using var broker = await (await GroupBroker.StartAsync(disk)).ReadyAsync();
        await broker.CommitAsync("g", GroupBroker.Orders, 1);
        using var gate = new SyncGate(disk, ".log");

        var commit = broker.CommitAsync("g", GroupBroker.Orders, 2);
        await gate.Reached;

        Assert.False(commit.IsCompleted);
        Assert.Equal(1, broker.Committed("g", GroupBroker.Orders));
        gate.Open();
        Assert.Equal(ErrorCode.None, await commit);
        Assert.Equal(2, broker.Committed("g", GroupBroker.Orders));
    }

    [Fact]
    public async Task Commits_that_come_while_one_is_written_go_into_one_batch()
    {
        var disk = new MemoryDisk();
        await using var broker = await (await GroupBroker.StartAsync(disk)).ReadyAsync();
        using var gate = new SyncGate(disk, ".log");
        var first = broker.CommitAsync("g0", GroupBroker.Orders, 0);
        await gate.Reached;

        var others = Enumerable.Range(1, 20).Select(i => broker.CommitAsync($"g{i}", GroupBroker.Orders, i)).ToArray();
        gate.Open();

        Assert.All(await Task.WhenAll([first, .. others]), error => Assert.Equal(ErrorCode.None, error));
        Assert.Equal(2, await BatchesAsync(broker));
        Assert.All(Enumerable.Range(0, 21), i => Assert.Equal(i, broker.Committed($"g{i}", GroupBroker.Orders)));
    }

    [Fact]
    public async Task A_commit_that_is_larger_than_a_batch_is_written_in_several()
    {
        var disk = new MemoryDisk();
        var broker = await (await GroupBroker.StartAsync(disk)).ReadyAsync();
        await broker.Inner.CreateTopicAsync("wide", 50);
        await broker.Inner.AlterTopicAsync(GroupBroker.Offsets, "max.message.bytes", "1000");
        var call = new CommitOffsetsCall
        {
            GroupId = "g",
            Offsets = [.. Enumerable.Range(0, 50).Select(i => new OffsetToCommit { Partition = new("wide", i), Offset = i })],
        };

        var result = await broker.Groups.CommitAsync(call);

        Assert.All(result.Errors, error => Assert.Equal(ErrorCode.None, error));
        Assert.InRange(await BatchesAsync(broker), 3, 50);
        await using var again = await (await GroupBroker.StartAsync(disk.Kill(), broker)).ReadyAsync();
        Assert.Equal(50, (await again.Groups.FetchOffsetsAsync(new FetchOffsetsCall { GroupId = "g" })).Offsets.Length);
        Assert.Equal(49, again.Committed("g", new("wide", 49)));
    }

    [Fact]
    public async Task A_partition_that_does_not_exist_is_refused_alone()
    {
        await using var broker = await (await GroupBroker.StartAsync(new MemoryDisk())).ReadyAsync();

        var result = await broker.Groups.CommitAsync(new CommitOffsetsCall
        {
            GroupId = "g",
            Offsets =
            [
                new() { Partition = new("orders", 5), Offset = 1 },
                new() { Partition = GroupBroker.Orders, Offset = 2 },
                new() { Partition = new("nothing", 0), Offset = 3 },
                new() { Partition = new("orders", 1), Offset = 4, TopicId = Guid.NewGuid() },
                new() { Partition = new("orders", 1), Offset = 5, Metadata = new string('x', 5000) },
            ],
        });

        Assert.Equal(
            [ErrorCode.UnknownTopicOrPartition, ErrorCode.None, ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicId, ErrorCode.OffsetMetadataTooLarge],
            result.Errors);
        Assert.Equal(2, broker.Committed("g", GroupBroker.Orders));
    }

    [Fact]
    public async Task An_idle_groups_offsets_expire_and_stay_gone()
    {
        var disk = new MemoryDisk();
        (string, string)[] settings = [("offsets.retention.minutes", "10"), ("offsets.retention.check.interval.ms", "60000")];
        var broker = await (await GroupBroker.StartAsync(disk, null, null, settings)).ReadyAsync();
        await broker.CommitAsync("idle", GroupBroker.Orders, 1);

        await PassAsync(broker, minutes: 9);
        Assert.Equal(1, broker.Committed("idle", GroupBroker.Orders));
        await broker.CommitAsync("busy", GroupBroker.Orders, 2);
        await PassAsync(broker, minutes: 3);

        Assert.Equal((-1, 2), (broker.Committed("idle", GroupBroker.Orders), broker.Committed("busy", GroupBroker.Orders)));
        Assert.Equal(["busy"], (await broker.Groups.ListAsync([], [])).Groups.Select(group => group.GroupId));
        await using var again = await (await GroupBroker.StartAsync(disk.Kill(), broker, null, settings)).ReadyAsync();
        Assert.Equal(["busy"], (await again.Groups.ListAsync([], [])).Groups.Select(group => group.GroupId));
    }

    [Fact]
    public async Task A_deleted_topics_offsets_go_with_it_also_when_it_is_read()
    {
        await using var broker = await (await GroupBroker.StartAsync(new MemoryDisk())).ReadyAsync();
        await broker.Inner.CreateTopicAsync("gone");
        var member = await broker.StableAsync("g");
        await broker.Groups.CommitAsync(member.Commit(new("gone", 0), 5));
        await broker.Groups.CommitAsync(member.Commit(GroupBroker.Orders, 6));

        await broker.Inner.DeleteTopicAsync("gone");
        await broker.Inner.Host.CoordinatorsIdleAsync();
        await broker.AppendedAsync();

        Assert.Equal((-1, 6), (broker.Committed("g", new("gone", 0)), broker.Committed("g", GroupBroker.Orders)));
    }

    [Fact]
    public async Task The_first_commits_of_a_topic_that_is_made_anew_stay_however_late_the_old_one_is_forgotten()
    {
        var disk = new MemoryDisk();
        (string, string)[] settings = [("offsets.topic.num.partitions", "2"), ("group.coordinator.threads", "1")];
        await using var broker = await (await GroupBroker.StartAsync(disk, null, null, settings)).ReadyAsync();
        var topic = new TopicPartition("again", 0);
        await broker.Inner.CreateTopicAsync("again");
        await broker.CommitAsync("a", GroupBroker.Orders, 1);
        await broker.CommitAsync("b", topic, 7);
        await broker.CommitAsync("d", topic, 8);

        // The one thread is kept by the other partition's groups, which load again.
        using (var gate = new SyncGate(disk, $"{GroupBroker.Offsets}-1/00000000000000000000.log", "read"))
        {
            await broker.Inner.ChangePartitionAsync(new TopicPartition(GroupBroker.Offsets, 1), leader: TestBroker.Id);
            await gate.Reached;
            await broker.Inner.DeleteTopicAsync("again");
            await broker.Inner.CreateTopicAsync("again");
            Assert.Equal((-1, -1), (broker.Committed("b", topic), broker.Committed("d", topic))); // Nobody begins where the old one ended.
            Assert.Equal(ErrorCode.None, await broker.CommitAsync("b", topic, 1));
            gate.Open();
        }

        await broker.Inner.Host.CoordinatorsIdleAsync();
        await broker.AppendedAsync();
        Assert.Equal((1, -1), (broker.Committed("b", topic), broker.Committed("d", topic)));
        Assert.Equal([1], Remembered(broker, "again"));
    }

    [Fact]
    public async Task Offsets_of_a_topic_that_was_made_anew_while_the_broker_was_down_are_not_loaded()
    {
        var disk = new MemoryDisk();
        var broker = await (await GroupBroker.StartAsync(disk)).ReadyAsync();
        await broker.Inner.CreateTopicAsync("again");
        await broker.CommitAsync("g", new("again", 0), 5);
        var directory = broker.Inner.Host.Directories.All[0].Id;
        await broker.DisposeAsync();
        await broker.Inner.DeleteTopicWhileStoppedAsync("again");
        await broker.Inner.CreateTopicWhileStoppedAsync("again", directory);

        await using var again = await (await GroupBroker.StartAsync(disk, broker)).ReadyAsync();
        await again.AppendedAsync();

        Assert.Equal(-1, again.Committed("g", new("again", 0)));
        Assert.Empty(Remembered(again, "again"));
    }

    [Fact]
    public async Task Offsets_of_a_topic_that_was_deleted_while_the_broker_was_down_are_not_loaded()
    {
        var disk = new MemoryDisk();
        var broker = await (await GroupBroker.StartAsync(disk)).ReadyAsync();
        await broker.Inner.CreateTopicAsync("gone");
        await broker.CommitAsync("g", new("gone", 0), 5);
        await broker.CommitAsync("g", GroupBroker.Orders, 6);
        await broker.DisposeAsync();
        await broker.Inner.DeleteTopicWhileStoppedAsync("gone");

        await using var again = await (await GroupBroker.StartAsync(disk, broker)).ReadyAsync();
        await again.AppendedAsync();

        Assert.Equal((-1, 6), (again.Committed("g", new("gone", 0)), again.Committed("g", GroupBroker.Orders)));
    }

    [Fact]
    public async Task A_deleted_group_is_gone_after_a_restart_and_one_with_members_stays()
    {
        var disk = new MemoryDisk();
        var broker = await (await GroupBroker.StartAsync(disk)).ReadyAsync();
        await broker.CommitAsync("empty", GroupBroker.Orders, 5);
        await broker.StableAsync("busy");

        Assert.Equal(ErrorCode.None, await broker.Groups.DeleteAsync("empty"));
        Assert.Equal(ErrorCode.NonEmptyGroup, await broker.Groups.DeleteAsync("busy"));
        Assert.Equal(ErrorCode.GroupIdNotFound, await broker.Groups.DeleteAsync("nobody"));
        Assert.Equal("Dead", (await broker.Groups.DescribeAsync("empty")).State);

        await using var again = await (await GroupBroker.StartAsync(disk.Kill(), broker)).ReadyAsync();
        Assert.Equal(["busy"], (await again.Groups.ListAsync([], [])).Groups.Select(group => group.GroupId));
    }

    [Fact]
    public async Task Records_that_the_disk_refuses_change_nothing()
    {
        var disk = new MemoryDisk();
        await using var broker = await (await GroupBroker.StartAsync(disk)).ReadyAsync();
        await broker.CommitAsync("g", GroupBroker.Orders, 1);
        disk.Fault = (operation, path) => operation == "write" && path.EndsWith(".log", StringComparison.Ordinal) ? DiskErrorKind.NoSpace : null;

        var refused = await broker.CommitAsync("g", GroupBroker.Orders, 2);

        Assert.Equal(ErrorCode.NotCoordinator, refused);
        Assert.Equal(1, broker.Committed("g", GroupBroker.Orders));
    }

    [Fact]
    public async Task Records_of_unknown_fate_make_the_coordinator_load_again()
    {
        var disk = new MemoryDisk();
        var log = new BrokerLogRecord();
        await using var broker = await (await GroupBroker.StartAsync(disk, null, log, ("orleanslog.group.load.wait.ms", "0"))).ReadyAsync();
        await broker.CommitAsync("g", GroupBroker.Orders, 1);
        using var gate = new SyncGate(disk, ".log");
        var commit = broker.CommitAsync("g", GroupBroker.Orders, 2);
        await gate.Reached;

        broker.Time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, await commit);
        Assert.Equal(ErrorCode.CoordinatorLoadInProgress, (await broker.Groups.FetchOffsetsAsync(new FetchOffsetsCall { GroupId = "g" })).Error);
        gate.Open();
        await broker.LoadedAsync();
        Assert.Equal(2, broker.Committed("g", GroupBroker.Orders));
        Assert.Single(log.Of(2204));
    }

    [Fact]
    public async Task Only_coordinators_write_to_the_topic()
    {
        await using var broker = await (await GroupBroker.StartAsync(new MemoryDisk())).ReadyAsync();
        await broker.CommitAsync("g", GroupBroker.Orders, 1);

        var produced = await broker.Inner.Local.ProduceAsync(GroupBroker.Kept, Batches.Of("a"));
        var deleted = await broker.Inner.Local.DeleteRecordsAsync([new(GroupBroker.Kept, 1)]);

        Assert.Equal((ErrorCode.InvalidTopicException, ProduceOutcome.NotStored), (produced.Error, produced.Outcome));
        Assert.Equal(ErrorCode.InvalidTopicException, deleted[0].Error);
    }

    private static async Task PassAsync(GroupBroker broker, int minutes)
    {
        for (var i = 0; i < minutes; i++)
        {
            broker.Time.Advance(TimeSpan.FromMinutes(1));
            await broker.Inner.Host.CoordinatorsIdleAsync();
            await broker.AppendedAsync();
        }
    }

    private static async Task<int> BatchesAsync(GroupBroker broker)
    {
        using var fetched = await broker.Inner.Local.FetchAsync(Batches.Fetch(GroupBroker.Kept, 0));
        var rest = fetched.Partitions[0].Records;
        var count = 0;
        while (Protocol.Records.RecordBatches.TryTakeNext(ref rest, out _, out _))
            count++;

        return count;
    }

    /// <summary>What coordinators have for a topic's name, whether they show it or not.</summary>
    private static IEnumerable<long> Remembered(GroupBroker broker, string topic)
    {
        var offsets = new List<OffsetView>();
        foreach (var shard in broker.Inner.Host.Coordinators.All)
            Assert.True(shard.TryVisit(offsets, static (group, all) => group.FetchAllOffsets(all)));
        return offsets.Where(offset => offset.Partition.Topic == topic).Select(static offset => offset.Offset);
    }
}
