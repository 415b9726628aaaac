namespace OrleansLog.Client.Tests;

public sealed class LeaderRouterTests
{
    private static readonly FetchRequest Both = new() { Partitions = [.. Enumerable.Range(0, 2).Select(static i => new FetchPartition { Partition = new("t", i), FetchOffset = 0, MaxBytes = 1 })] };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_read_that_fails_at_one_leader_gives_back_the_memory_of_the_others(bool answersFirst)
    {
        var router = new LeaderRouter((_, _) => throw new InvalidOperationException("the leaders are known"));
        router.Learn(Metadata);
        TaskCompletionSource<FetchResult>[] answers = [new(), new()];
        using var memory = new Memory();
        var fetching = router.FetchAsync(Both, (leader, _, _) => answers[leader].Task, default).AsTask();
        if (!answersFirst)
            answers[1].SetCanceled();
        answers[0].SetResult(new FetchResult([new FetchPartitionResult()], memory));
        answers[1].TrySetCanceled();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching);
        Assert.True(memory.IsBack);
    }

    [Fact]
    public async Task A_reader_with_a_rack_goes_where_it_is_sent_until_that_fails_or_metadata_comes()
    {
        var router = new LeaderRouter((_, _) => throw new InvalidOperationException("the leaders are known"));
        router.Learn(Metadata);
        var request = new FetchRequest { Partitions = [Both.Partitions[0]], Rack = "here" };
        var error = ErrorCode.None;
        async Task<int> AskedAsync(FetchPartitionResult answer)
        {
            var asked = -1;
            using var result = await router.FetchAsync(
                request,
                (broker, _, _) =>
                {
                    asked = broker;
                    return Task.FromResult(new FetchResult([answer]));
                },
                default);
            router.NoteFetched(request, result);
            error = result.Partitions[0].Error;
            return asked;
        }

        Assert.Equal(0, await AskedAsync(new() { PreferredReadReplica = 7 }));
        Assert.Equal(7, await AskedAsync(new()));
        Assert.Equal(7, await AskedAsync(new() { Error = ErrorCode.OffsetOutOfRange }));
        Assert.Equal(ErrorCode.OffsetNotAvailable, error);
        Assert.Equal(0, await AskedAsync(new() { Error = ErrorCode.OffsetOutOfRange }));
        Assert.Equal(ErrorCode.OffsetOutOfRange, error);
        Assert.Equal(0, await AskedAsync(new() { PreferredReadReplica = 8 }));
        Assert.Equal(8, await AskedAsync(new()));
        router.Learn(Metadata);
        Assert.Equal(0, await AskedAsync(new()));

        // Nobody else is sent anywhere.
        await AskedAsync(new() { PreferredReadReplica = 8 });
        Assert.Equal([0, 1], await LeadersAskedAsync(router));
    }

    [Fact]
    public void Memory_that_comes_when_nobody_waits_any_more_goes_back_at_once()
    {
        using var memory = new Memory();
        var parts = new FetchParts();
        parts.Dispose();
        parts.Add(new FetchResult([], memory));
        Assert.True(memory.IsBack);
    }

    private static ClusterMetadata Metadata => new()
    {
        ClusterId = "c",
        Brokers = [],
        Topics = [new TopicDescription { Name = "t", Partitions = [.. Enumerable.Range(0, 2).Select(static i => new PartitionDescription { Partition = i, LeaderId = i, Replicas = [i], Isr = [i] })] }],
    };

    private static async Task<IEnumerable<int>> LeadersAskedAsync(LeaderRouter router)
    {
        var asked = new System.Collections.Concurrent.ConcurrentBag<int>();
        using var result = await router.FetchAsync(
            Both,
            (broker, part, _) =>
            {
                asked.Add(broker);
                return Task.FromResult(new FetchResult([.. part.Partitions.Select(static _ => new FetchPartitionResult())]));
            },
            default);
        return asked.Order();
    }

    private sealed class Memory : IDisposable
    {
        public bool IsBack { get; private set; }

        public void Dispose() => IsBack = true;
    }
}
