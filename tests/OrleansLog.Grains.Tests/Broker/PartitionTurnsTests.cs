namespace OrleansLog.Grains.Tests.Broker;

public class PartitionTurnsTests
{
    private static readonly TopicPartition One = new("turns", 1);
    private static readonly TopicPartition Two = new("turns", 2);

    [Fact]
    public async Task Requests_to_one_partition_begin_in_their_order_and_those_to_another_do_not_wait_for_them()
    {
        var turns = new PartitionTurns();
        using var mayBegin = new ManualResetEventSlim();
        var answer = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new List<int>();
        var first = turns.RunAsync(One, () => Begin(1, waits: true)).AsTask();
        var second = turns.RunAsync(One, () => Begin(2, waits: false)).AsTask();
        var other = turns.RunAsync(Two, static () => new ValueTask<int>(3)).AsTask();

        Assert.Equal(3, await other.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.Empty(begun);
        mayBegin.Set();

        // The second begins once the first is in line, though it is not answered.
        Assert.Equal(2, await second.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.False(first.IsCompleted);
        answer.SetResult(1);
        Assert.Equal(1, await first.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.Equal([1, 2], begun);
        Assert.Equal(0, turns.Partitions);

        ValueTask<int> Begin(int request, bool waits)
        {
            if (waits)
                Assert.True(mayBegin.Wait(TimeSpan.FromMinutes(2)));

            begun.Add(request);
            return waits ? new(answer.Task) : new(request);
        }
    }

    [Fact]
    public async Task One_that_cannot_begin_holds_nobody_up()
    {
        var turns = new PartitionTurns();
        var failing = turns.RunAsync<int>(One, static () => throw new InvalidOperationException("a fault of its own")).AsTask();
        var next = turns.RunAsync(One, static () => new ValueTask<int>(2)).AsTask();

        await Assert.ThrowsAsync<InvalidOperationException>(() => failing.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.Equal(2, await next.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.Equal(0, turns.Partitions);
    }
}
