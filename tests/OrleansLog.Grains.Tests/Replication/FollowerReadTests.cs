using OrleansLog.Grains.Tests.Broker;

namespace OrleansLog.Grains.Tests.Replication;

/// <summary>Consumers that read from a replica of their own rack (KIP-392).</summary>
public sealed class FollowerReadTests
{
    private const string ByRack = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

    private static readonly TopicPartition Orders = BrokerTrio.Orders;

    [Fact]
    public async Task A_leader_sends_a_consumer_to_the_replica_of_its_rack_and_reads_for_all_others_itself()
    {
        await using var trio = await StartAsync(ByRack);

        Assert.Equal((3, 0), await FetchAsync(trio, 1, "rack-3"));
        Assert.Equal((null, 1), await FetchAsync(trio, 1, "rack-1"));
        Assert.Equal((null, 1), await FetchAsync(trio, 1, "rack-9"));
        Assert.Equal((null, 1), await FetchAsync(trio, 1, rack: null));
        await trio.FenceAsync(3);
        Assert.Equal((null, 1), await FetchAsync(trio, 1, "rack-3"));
    }

    [Fact]
    public async Task A_leader_sends_nobody_away_unless_it_is_told_to()
    {
        await using var trio = await StartAsync("org.apache.kafka.common.replica.LeaderSelector");
        Assert.Equal((null, 1), await FetchAsync(trio, 1, "rack-3"));
    }

    [Fact]
    public async Task A_follower_reads_what_is_committed_and_waits_for_more_of_it()
    {
        await using var trio = await StartAsync(ByRack);
        Assert.Equal((null, 1), await FetchAsync(trio, 3, "rack-3"));

        // Appended here, but not committed: the second broker lacks it.
        trio.Cut(2);
        var produced = trio[1].ProduceAsync(Orders, Batches.Of("b")).AsTask();
        await BrokerTrio.UntilAsync(() => trio.StatusOf(3).LogEndOffset == 2, "a follower lacks what was appended");
        var waiting = trio[3].FetchAsync(Request(offset: 1, "rack-3", maxWaitMs: 120_000)).AsTask();
        Assert.False(waiting.IsCompleted);

        trio.Cut(2, isCut: false);
        Assert.Equal(ErrorCode.None, (await produced).Error);
        using var result = await waiting;
        Assert.Equal((ErrorCode.None, 2L), (result.Partitions[0].Error, result.Partitions[0].HighWatermark));
        Assert.False(result.Partitions[0].Records.IsEmpty);
    }

    [Fact]
    public async Task A_follower_refuses_who_wants_the_leader_and_does_not_know_offsets_above_what_is_committed()
    {
        await using var trio = await StartAsync(ByRack);
        using var ofLeader = await trio[3].FetchAsync(new() { Partitions = Request(0, rack: null).Partitions });
        Assert.Equal(ErrorCode.NotLeaderOrFollower, ofLeader.Partitions[0].Error);
        using var above = await trio[3].FetchAsync(Request(offset: 7, "rack-3"));
        Assert.Equal(ErrorCode.OffsetNotAvailable, above.Partitions[0].Error);
    }

    [Fact]
    public async Task A_consumer_that_tells_what_it_read_last_hears_of_an_unclean_election()
    {
        await using var trio = await BrokerTrio.StartAsync();
        await trio.CreateTopicAsync(("min.insync.replicas", "1"));
        trio.Cut(2);
        await trio[1].StoredAsync(Orders, "a", "b", "c");
        await trio.ElectAsync(2, 2);
        await trio[2].StoredAsync(Orders, "other", "others");

        Assert.Equal(new EpochEndOffset(-1, -1), (await AskAsync(2, epoch: 1)) ?? new(-1, -1));
        Assert.Equal(new EpochEndOffset(0, 0), await AskAsync(2, epoch: 0));

        async Task<EpochEndOffset?> AskAsync(long offset, int epoch)
        {
            using var result = await trio[2].FetchAsync(new()
            {
                Partitions = [new FetchPartition { Partition = Orders, FetchOffset = offset, MaxBytes = 1 << 20, CurrentLeaderEpoch = -1, LastFetchedEpoch = epoch }],
                MaxWaitMs = epoch == 0 ? 120_000 : 0,
            });
            Assert.Equal(ErrorCode.None, result.Partitions[0].Error);
            Assert.True(result.Partitions[0].Records.IsEmpty);
            return result.Partitions[0].Diverging;
        }
    }

    private static async Task<BrokerTrio> StartAsync(string selector)
    {
        var trio = await BrokerTrio.StartAsync(("replica.selector.class", selector));
        await trio.CreateTopicAsync(("min.insync.replicas", "2"));
        await trio[1].StoredAsync(Orders, "a");
        await BrokerTrio.UntilAsync(() => trio.StatusOf(2).HighWatermark == 1 && trio.StatusOf(3).HighWatermark == 1, "followers lack what is committed");
        return trio;
    }

    private static async Task<(int? Preferred, int Batches)> FetchAsync(BrokerTrio trio, int broker, string? rack)
    {
        using var result = await trio[broker].FetchAsync(Request(offset: 0, rack));
        Assert.Equal(ErrorCode.None, result.Partitions[0].Error);
        return (result.Partitions[0].PreferredReadReplica, result.Partitions[0].Records.IsEmpty ? 0 : 1);
    }

    private static FetchRequest Request(long offset, string? rack, int maxWaitMs = 0) => new()
    {
        Partitions = [new FetchPartition { Partition = Orders, FetchOffset = offset, MaxBytes = 1 << 20, CurrentLeaderEpoch = -1 }],
        MaxWaitMs = maxWaitMs,
        AllowsFollower = true,
        Rack = rack,
    };
}
