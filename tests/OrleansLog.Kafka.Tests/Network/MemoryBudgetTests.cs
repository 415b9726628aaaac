using OrleansLog.Kafka.Network;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>The bound on requests in memory (<c>queued.max.request.bytes</c>).</summary>
public class MemoryBudgetTests
{
    [Fact]
    public void What_fits_is_taken_at_once()
    {
        var budget = new MemoryBudget(100);
        Assert.True(budget.TakeAsync(60, 0, default).AsTask().IsCompletedSuccessfully);
        Assert.True(budget.TakeAsync(40, 0, default).AsTask().IsCompletedSuccessfully);
        Assert.Equal(100, budget.UsedBytes);
    }

    [Fact]
    public async Task Who_finds_no_room_waits_in_line_also_where_a_later_one_would_fit()
    {
        var budget = new MemoryBudget(100);
        await budget.TakeAsync(60, 0, default);
        var large = budget.TakeAsync(80, 0, default).AsTask();
        var small = budget.TakeAsync(10, 0, default).AsTask();
        Assert.False(large.IsCompleted || small.IsCompleted);

        budget.Release(60);
        await large;
        await small;
        Assert.Equal(90, budget.UsedBytes);
    }

    [Fact]
    public async Task One_that_is_larger_than_the_bound_goes_alone()
    {
        var budget = new MemoryBudget(100);
        await budget.TakeAsync(1, 0, default);
        var large = budget.TakeAsync(500, 0, default).AsTask();
        Assert.False(large.IsCompleted);
        budget.Release(1);
        await large;
        Assert.False(budget.TakeAsync(1, 0, default).AsTask().IsCompleted);
    }

    [Fact]
    public async Task Who_gives_up_waiting_lets_the_next_one_through()
    {
        var budget = new MemoryBudget(100);
        await budget.TakeAsync(60, 0, default);
        using var cancel = new CancellationTokenSource();
        var large = budget.TakeAsync(80, 0, cancel.Token).AsTask();
        var small = budget.TakeAsync(10, 0, default).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        await small;
        Assert.Equal(70, budget.UsedBytes);
    }

    /// <summary>Requests that grow as their bytes come hold what the others need: without this, nobody would ever go on.</summary>
    [Fact]
    public async Task When_all_is_held_by_those_who_wait_the_one_that_holds_the_most_goes_on()
    {
        var budget = new MemoryBudget(100);
        await budget.TakeAsync(40, 0, default);
        await budget.TakeAsync(50, 0, default);
        var newcomer = budget.TakeAsync(20, 0, default).AsTask();
        var smaller = budget.TakeAsync(40, 40, default).AsTask();
        Assert.False(newcomer.IsCompleted || smaller.IsCompleted);

        var larger = budget.TakeAsync(50, 50, default).AsTask();
        await larger;
        Assert.False(newcomer.IsCompleted || smaller.IsCompleted);

        // It stays the one that holds the most, however often it asks.
        await budget.TakeAsync(100, 100, default);
        Assert.Equal((240, 2), (budget.UsedBytes, budget.Waiting));
        budget.Release(200);
        await newcomer;
        await smaller;
        Assert.Equal((100, 0), (budget.UsedBytes, budget.Waiting));
    }

    [Fact]
    public async Task What_would_need_a_wait_is_not_taken_before_those_who_wait()
    {
        var budget = new MemoryBudget(100);
        Assert.True(budget.TryTake(60));
        Assert.False(budget.TryTake(60));
        var waits = budget.TakeAsync(60, 0, default).AsTask();
        Assert.False(budget.TryTake(10));
        Assert.NotNull(budget.Oldest(out var wanted));
        Assert.Equal(60, wanted);
        budget.Release(60);
        await waits;
        Assert.Null(budget.Oldest(out _));
    }

    [Fact]
    public async Task Large_requests_leave_room_for_small_ones()
    {
        var memory = new FrameMemory(4_000_000);
        await memory.TakeAsync(3_000_000, isLarge: true, 0, default);
        Assert.False(memory.TakeAsync(1_000_000, isLarge: true, 0, default).AsTask().IsCompleted);
        Assert.True(memory.TakeAsync(1_000_000, isLarge: false, 0, default).AsTask().IsCompletedSuccessfully);
        Assert.Equal(4_000_000, memory.UsedBytes);
    }
}
