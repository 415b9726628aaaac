using Microsoft.Extensions.Time.Testing;
using OrleansLog.Grains.Tests.Broker;
using OrleansLog.Log;

namespace OrleansLog.Grains.Tests.Groups;

/// <summary>A broker without a silo whose groups are used, on a clock that stands still.</summary>
internal sealed class GroupBroker : IAsyncDisposable
{
    public const string Offsets = "__consumer_offsets";

    public static readonly TopicPartition Orders = new("orders", 0);

    private GroupBroker(TestBroker broker, FakeTimeProvider time) => (Inner, Time) = (broker, time);

    public TestBroker Inner { get; }

    public FakeTimeProvider Time { get; }

    public LocalGroups Groups => Inner.Host.Groups;

    /// <summary>What members hold of <c>orleanslog.group.members.max.bytes</c>.</summary>
    public long MemberBytes => Inner.Host.Coordinators.MemberBytes;

    /// <summary>The partition of one group's records.</summary>
    public static TopicPartition Kept => new(Offsets, 0);

    /// <summary>Starts a broker with one partition of offsets; with <paramref name="before"/> one that has the metadata of an earlier run.</summary>
    public static async Task<GroupBroker> StartAsync(
        IDisk disk, GroupBroker? before = null, BrokerLogRecord? logger = null, params (string Key, string Value)[] settings)
    {
        var time = before?.Time ?? TestBroker.Clock();
        var all = new Dictionary<string, string>
        {
            ["offsets.topic.num.partitions"] = "1",
            ["group.initial.rebalance.delay.ms"] = "0",
        };
        foreach (var (key, value) in settings)
            all[key] = value;

        var broker = new GroupBroker(await TestBroker.StartAsync(disk, time, all, before?.Inner, logger: logger), time);
        if (before is null)
            await broker.Inner.CreateTopicAsync("orders", partitions: 2);

        return broker;
    }

    /// <summary>Makes the topic of offsets, if need be, and waits until its coordinators have loaded.</summary>
    public async Task<GroupBroker> ReadyAsync()
    {
        var location = await Groups.FindCoordinatorAsync("any");
        Assert.True(location.Error == ErrorCode.None, location.Message);
        await LoadedAsync();
        return this;
    }

    public Task LoadedAsync() => Task.WhenAll(Inner.Host.Coordinators.All.Select(shard => shard.Loaded)).WaitAsync(TimeSpan.FromMinutes(2));

    /// <summary>Completes when what the groups decided so far is in the log.</summary>
    public Task AppendedAsync() => Task.WhenAll(Inner.Host.Coordinators.All.Select(shard => shard.AppendsDone)).WaitAsync(TimeSpan.FromMinutes(2));

    /// <summary>Commits from outside of a generation.</summary>
    public async Task<ErrorCode> CommitAsync(string group, TopicPartition partition, long offset, string? metadata = null)
    {
        var result = await Groups.CommitAsync(new CommitOffsetsCall
        {
            GroupId = group,
            Offsets = [new OffsetToCommit { Partition = partition, Offset = offset, LeaderEpoch = -1, Metadata = metadata }],
        }).AsTask().WaitAsync(TimeSpan.FromMinutes(2));
        return Assert.Single(result.Errors);
    }

    /// <summary>The committed offset, or -1; fails where the coordinator refuses, or still loads.</summary>
    public long Committed(string group, TopicPartition partition)
    {
        var fetch = Groups.FetchOffsetsAsync(new FetchOffsetsCall { GroupId = group, Partitions = [partition] }).AsTask();
        Assert.True(fetch.IsCompletedSuccessfully);
        var result = fetch.Result;
        Assert.Equal(ErrorCode.None, result.Error);
        return Assert.Single(result.Offsets).Offset;
    }

    /// <summary>A group of one member that works.</summary>
    public async Task<GroupMember> StableAsync(string group)
    {
        var member = await GroupMember.JoinAsync(Groups.JoinAsync, group);
        var synced = await Groups.SyncAsync(member.Lead([9]));
        Assert.Equal(ErrorCode.None, synced.Error);
        return member;
    }

    public ValueTask DisposeAsync() => Inner.DisposeAsync();
}
