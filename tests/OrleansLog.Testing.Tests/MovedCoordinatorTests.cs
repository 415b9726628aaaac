using Microsoft.Extensions.DependencyInjection;
using ErrorCode = OrleansLog.Protocol.ErrorCode;

namespace OrleansLog.Testing.Tests;

/// <summary>A group whose coordinator moves between brokers that both live: whoever asks over Orleans finds it where it is now.</summary>
public class MovedCoordinatorTests
{
    private const string Topic = "__consumer_offsets";
    private const string Group = "workers";

    [Fact]
    public async Task A_group_is_found_again_when_its_coordinator_moves_back_to_a_broker_that_came_back()
    {
        await using var cluster = await TestCluster.StartAsync(
            brokers: 3, options => options.Set("offsets.topic.num.partitions", "1").Set("leader.imbalance.check.interval.seconds", "1"));
        await cluster.CreateTopicAsync("orders");
        await UntilCommittedAsync(cluster[1], 0);
        await cluster.WaitUntilInSyncAsync(Topic);
        var preferred = await cluster.LeaderOfAsync(Topic, 0);

        await cluster[preferred].StopAsync();
        var asking = cluster[OtherThan(preferred, await LeaderAfterAsync(cluster, id => id >= 0 && id != preferred))];
        await UntilCommittedAsync(asking, 1);

        await cluster[preferred].StartAgainAsync();
        await LeaderAfterAsync(cluster, id => id == preferred);
        await UntilCommittedAsync(asking, 2);
        var transport = asking.Services.GetRequiredService<IGroupTransport>();
        var fetched = await transport.FetchOffsetsAsync(new FetchOffsetsCall { GroupId = Group }, CancellationToken.None);
        Assert.Equal(ErrorCode.None, fetched.Error);
        Assert.Equal(2, Assert.Single(fetched.Offsets).Offset);
    }

    /// <summary>Commits through the group's grain, as a client over Orleans does; again while the coordinator is not there yet.</summary>
    private static async Task UntilCommittedAsync(TestBroker asked, long offset)
    {
        using var limit = new CancellationTokenSource(KafkaClients.Patience);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var call = new CommitOffsetsCall { GroupId = Group, Offsets = [new OffsetToCommit { Partition = new TopicPartition("orders", 0), Offset = offset }] };
        var error = await CommitAsync();
        while (error != ErrorCode.None)
        {
            Assert.False(limit.IsCancellationRequested, $"Offset {offset} is not committed: {error}");
            await again.WaitForNextTickAsync(CancellationToken.None);
            error = await CommitAsync();
        }

        async Task<ErrorCode> CommitAsync() => Assert.Single((await asked.Services.GetRequiredService<IGrainFactory>().GetGroup(Group).CommitAsync(call)).Errors);
    }

    private static async Task<int> LeaderAfterAsync(TestCluster cluster, Func<int, bool> isMeant)
    {
        using var limit = new CancellationTokenSource(KafkaClients.Patience);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        int leader;
        while (!isMeant(leader = await cluster.LeaderOfAsync(Topic, 0, limit.Token)))
            await again.WaitForNextTickAsync(limit.Token);

        return leader;
    }

    private static int OtherThan(int one, int two) => Enumerable.Range(1, 3).Single(id => id != one && id != two);
}
