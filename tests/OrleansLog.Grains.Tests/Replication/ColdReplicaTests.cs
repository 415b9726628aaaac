using OrleansLog.Grains.Replication;
using OrleansLog.Grains.Tests.Broker;

namespace OrleansLog.Grains.Tests.Replication;

/// <summary>A follower that lags far behind holds up nobody who is served on the same thread.</summary>
public sealed class ColdReplicaTests
{
    private static readonly TopicPartition Orders = BrokerTrio.Orders;

    [Fact]
    public async Task What_a_follower_lacks_is_read_into_memory_elsewhere_and_then_told()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync(("min.insync.replicas", "1"));
        trio.Cut(3);
        var position = default(ReplicaPosition);
        await BrokerTrio.UntilAsync(() => trio.FollowedBy(3).TryNextFetch(1, 1 << 20, out position), "it does not fetch");
        var storing = trio[1].StoredAsync(Orders, "a");
        await BrokerTrio.UntilAsync(() => trio.StatusOf(2).LogEndOffset == 1, "the other follower lacks it");
        using var loop = new LoopThread();
        using var slow = new SlowReads(trio.DiskOf(1));
        using var session = trio.OpenSession(leader: 1, follower: 3);
        session.Move(position);

        // Nothing to tell yet; the thread is free again at once.
        Assert.Empty(await FetchAsync(maxWaitMs: 0));
        await slow.Reached;
        Assert.Empty(await FetchAsync(maxWaitMs: 0));
        var fetching = FetchAsync(maxWaitMs: 600_000);
        Assert.Equal(1, await loop.RunAsync(static () => new ValueTask<int>(1)));
        slow.LetGo();

        var answer = Assert.Single(await fetching);
        Assert.Equal((ErrorCode.None, false), (answer.Error, answer.IsEmpty));
        session.Move(position with { FetchOffset = 1, LastFetchedEpoch = position.LeaderEpoch });
        await storing;

        Task<(ErrorCode Error, bool IsEmpty)[]> FetchAsync(int maxWaitMs) => loop.RunAsync(async () =>
        {
            using var result = await session.FetchAsync(maxWaitMs, 1 << 20, CancellationToken.None).ConfigureAwait(false);
            return result.Answers.Select(static answer => (answer.Error, answer.Records.IsEmpty)).ToArray();
        });
    }
}
