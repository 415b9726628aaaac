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
        router.Learn(new ClusterMetadata
        {
            ClusterId = "c",
            Brokers = [],
            Topics = [new TopicDescription { Name = "t", Partitions = [.. Enumerable.Range(0, 2).Select(static i => new PartitionDescription { Partition = i, LeaderId = i, Replicas = [i], Isr = [i] })] }],
        });
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
    public void Memory_that_comes_when_nobody_waits_any_more_goes_back_at_once()
    {
        using var memory = new Memory();
        var parts = new FetchParts();
        parts.Dispose();
        parts.Add(new FetchResult([], memory));
        Assert.True(memory.IsBack);
    }

    private sealed class Memory : IDisposable
    {
        public bool IsBack { get; private set; }

        public void Dispose() => IsBack = true;
    }
}
