using OrleansLog.Grains.Tests.Broker;
using OrleansLog.Log;
using OrleansLog.TestKit;

namespace OrleansLog.Grains.Tests.Groups;

/// <summary>Requests that come while their coordinator loads, right after a start or a change of leaders.</summary>
public sealed class LoadWaitTests
{
    private const string WaitKey = "orleanslog.group.load.wait.ms";

    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task They_wait_and_are_answered_when_it_has_loaded()
    {
        await using var loading = await Loading.BeginAsync();
        var groups = loading.Broker.Groups;

        var fetched = loading.FetchAsync();
        var joined = groups.JoinAsync(GroupMember.Call("g")).AsTask();
        var committed = loading.Broker.CommitAsync("g", GroupBroker.Orders, 43);
        var beat = groups.HeartbeatAsync(new HeartbeatCall("g", 1, "nobody")).AsTask();
        var described = groups.DescribeAsync("g").AsTask();
        var listed = groups.ListAsync([], []).AsTask();
        Task[] all = [fetched, joined, committed, beat, described, listed];
        Assert.All(all, task => Assert.False(task.IsCompleted));
        loading.Gate.Open();
        await Task.WhenAll(all).WaitAsync(LongEnough);

        var offset = Assert.Single((await fetched).Offsets).Offset;
        Assert.True(offset is 42 or 43, $"{offset}"); // the commit beside it may have been faster
        Assert.Equal((ErrorCode.MemberIdRequired, ErrorCode.None), ((await joined).Error, await committed));
        Assert.Equal((ErrorCode.UnknownMemberId, ErrorCode.None), (await beat, (await described).Error));
        Assert.Equal("g", Assert.Single((await listed).Groups).GroupId);
        Assert.Equal(43, loading.Broker.Committed("g", GroupBroker.Orders));
    }

    [Fact]
    public async Task When_the_time_is_up_they_are_refused_and_the_next_one_waits_again()
    {
        await using var loading = await Loading.BeginAsync((WaitKey, "700"));
        var fetched = loading.FetchAsync();
        var listed = loading.Broker.Groups.ListAsync([], []).AsTask();

        loading.Broker.Time.Advance(TimeSpan.FromMilliseconds(699));
        Assert.False(fetched.IsCompleted || listed.IsCompleted);
        loading.Broker.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(ErrorCode.CoordinatorLoadInProgress, (await fetched.WaitAsync(LongEnough)).Error);
        Assert.Equal(ErrorCode.CoordinatorLoadInProgress, (await listed.WaitAsync(LongEnough)).Error);
        var next = loading.FetchAsync();
        Assert.False(next.IsCompleted);
        loading.Gate.Open();
        Assert.Equal(ErrorCode.None, (await next.WaitAsync(LongEnough)).Error);
    }

    [Fact]
    public async Task Without_a_wait_they_are_refused_at_once()
    {
        await using var loading = await Loading.BeginAsync((WaitKey, "0"));

        Assert.Equal(ErrorCode.CoordinatorLoadInProgress, (await loading.FetchAsync().WaitAsync(LongEnough)).Error);
        Assert.Equal(ErrorCode.CoordinatorLoadInProgress, (await loading.Broker.Groups.JoinAsync(GroupMember.Call("g")).AsTask().WaitAsync(LongEnough)).Error);
        Assert.Equal(ErrorCode.CoordinatorLoadInProgress, (await loading.Broker.Groups.ListAsync([], []).AsTask().WaitAsync(LongEnough)).Error);
    }

    [Fact]
    public async Task One_more_than_may_wait_is_refused_at_once()
    {
        await using var loading = await Loading.BeginAsync(("orleanslog.group.waiting.max", "1"));
        var first = loading.FetchAsync();

        Assert.Equal(ErrorCode.CoordinatorLoadInProgress, (await loading.FetchAsync().WaitAsync(LongEnough)).Error);
        loading.Gate.Open();
        Assert.Equal(ErrorCode.None, (await first.WaitAsync(LongEnough)).Error);
        Assert.Equal(ErrorCode.None, (await loading.FetchAsync().WaitAsync(LongEnough)).Error);
    }

    [Fact]
    public async Task A_lost_leadership_sends_them_elsewhere()
    {
        await using var loading = await Loading.BeginAsync();
        var fetched = loading.FetchAsync();

        await loading.Broker.Inner.ChangePartitionAsync(GroupBroker.Kept, leader: 2);

        Assert.Equal(ErrorCode.NotCoordinator, (await fetched.WaitAsync(LongEnough)).Error);
    }

    [Fact]
    public async Task A_stopping_broker_answers_them()
    {
        await using var loading = await Loading.BeginAsync();
        var fetched = loading.FetchAsync();

        loading.Broker.Inner.Host.StopServing();

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await fetched.WaitAsync(LongEnough)).Error);
    }

    [Fact]
    public async Task Who_gives_up_waits_no_longer()
    {
        await using var loading = await Loading.BeginAsync();
        using var cancel = new CancellationTokenSource();
        var fetched = loading.FetchAsync(cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetched.WaitAsync(LongEnough));
    }

    [Fact]
    public async Task A_load_that_fails_is_told_at_once()
    {
        await using var loading = await Loading.BeginAsync();
        var fetched = loading.FetchAsync();

        loading.Gate.Failure = DiskErrorKind.Other;
        loading.Gate.Open();

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await fetched.WaitAsync(LongEnough)).Error);
    }

    [Fact]
    public async Task The_broker_is_ready_when_its_coordinators_have_loaded()
    {
        await using var loading = await Loading.BeginAsync();
        var host = loading.Broker.Inner.Host;

        ((IBrokerSessionHost)host).OnUnfenced();
        Assert.False(host.Ready.IsCompleted);
        loading.Gate.Open();

        await host.Ready.WaitAsync(LongEnough);
        Assert.Equal(42, loading.Broker.Committed("g", GroupBroker.Orders));
    }

    /// <summary>A broker whose coordinator, with a committed offset of 42, is held in the middle of its load.</summary>
    private sealed class Loading : IAsyncDisposable
    {
        private Loading(GroupBroker broker, SyncGate gate) => (Broker, Gate) = (broker, gate);

        public GroupBroker Broker { get; }

        public SyncGate Gate { get; }

        public static async Task<Loading> BeginAsync(params (string Key, string Value)[] settings)
        {
            var disk = new MemoryDisk();
            var broker = await (await GroupBroker.StartAsync(disk, null, null, settings)).ReadyAsync();
            Assert.Equal(ErrorCode.None, await broker.CommitAsync("g", GroupBroker.Orders, 42));
            await broker.Inner.ChangePartitionAsync(GroupBroker.Kept, leader: 2);
            var gate = new SyncGate(disk, ".log", "read");
            await broker.Inner.ChangePartitionAsync(GroupBroker.Kept, leader: TestBroker.Id);
            await gate.Reached;
            return new Loading(broker, gate);
        }

        public Task<FetchOffsetsResult> FetchAsync(CancellationToken cancellationToken = default) =>
            Broker.Groups.FetchOffsetsAsync(new FetchOffsetsCall { GroupId = "g" }, cancellationToken).AsTask();

        public async ValueTask DisposeAsync()
        {
            Gate.Dispose();
            await Broker.DisposeAsync();
        }
    }
}
