using OrleansLog.Kafka.Network;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>The bound on requests in memory (<c>queued.max.request.bytes</c>).</summary>
public class MemoryBudgetTests
{
    [Fact]
    public void What_fits_is_taken_at_once()
    {
        var budget = new MemoryBudget(100);
        Assert.True(budget.TakeAsync(60, default).AsTask().IsCompletedSuccessfully);
        Assert.True(budget.TakeAsync(40, default).AsTask().IsCompletedSuccessfully);
        Assert.Equal(100, budget.UsedBytes);
    }

    [Fact]
    public async Task Who_finds_no_room_waits_in_line_also_where_a_later_one_would_fit()
    {
        var budget = new MemoryBudget(100);
        await budget.TakeAsync(60, default);
        var large = budget.TakeAsync(80, default).AsTask();
        var small = budget.TakeAsync(10, default).AsTask();
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
        await budget.TakeAsync(1, default);
        var large = budget.TakeAsync(500, default).AsTask();
        Assert.False(large.IsCompleted);
        budget.Release(1);
        await large;
        Assert.False(budget.TakeAsync(1, default).AsTask().IsCompleted);
    }

    [Fact]
    public async Task Who_gives_up_waiting_lets_the_next_one_through()
    {
        var budget = new MemoryBudget(100);
        await budget.TakeAsync(60, default);
        using var cancel = new CancellationTokenSource();
        var large = budget.TakeAsync(80, cancel.Token).AsTask();
        var small = budget.TakeAsync(10, default).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        await small;
        Assert.Equal(70, budget.UsedBytes);
    }

    [Fact]
    public async Task Large_requests_leave_room_for_small_ones()
    {
        var memory = new FrameMemory(4_000_000);
        await memory.TakeAsync(3_000_000, isLarge: true, default);
        Assert.False(memory.TakeAsync(1_000_000, isLarge: true, default).AsTask().IsCompleted);
        Assert.True(memory.TakeAsync(1_000_000, isLarge: false, default).AsTask().IsCompletedSuccessfully);
        Assert.Equal(4_000_000, memory.UsedBytes);
    }
}
