using OrleansLog.Kafka.Replication;

namespace OrleansLog.Kafka.Tests.Replication;

public class FetchTurnsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly FetchTurns<string, int> _turns = new();

    [Fact]
    public async Task Nobody_is_woken_for_replicas_that_went_to_another_leader_while_they_waited_for_their_turn()
    {
        _turns.Ready("gone");
        _turns.Forget(1);
        var first = _turns.FirstAsync(() => true, None);
        Assert.False(first.IsCompleted);

        _turns.Ready("new");
        await first;
        Assert.True(_turns.TryTakeReady(out var ready));
        Assert.Equal("new", ready);
        Assert.False(_turns.TryTakeReady(out _));
        Assert.False(_turns.TryTakeForgotten(out _));
    }

    [Fact]
    public void One_that_came_just_before_the_wait_is_seen()
    {
        Assert.True(_turns.FirstAsync(() => false, None).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_wait_that_is_given_up_ends()
    {
        using var stop = new CancellationTokenSource();
        var first = _turns.FirstAsync(() => true, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [Fact]
    public void News_that_came_before_the_question_and_after_it_complete_it()
    {
        _turns.Ready("before");
        Assert.True(_turns.Next().IsCompletedSuccessfully);
        Assert.True(_turns.TryTakeReady(out _));
        var next = _turns.Next();
        Assert.False(next.IsCompleted);
        _turns.Forget(1);
        Assert.True(next.IsCompletedSuccessfully);
        Assert.Equal(0, _turns.ReadyCount);
        Assert.True(_turns.TryTakeForgotten(out var key));
        Assert.Equal(1, key);
    }
}
