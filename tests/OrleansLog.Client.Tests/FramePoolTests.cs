namespace OrleansLog.Client.Tests;

public sealed class FramePoolTests
{
    [Fact]
    public void A_frame_has_room_for_its_answer_and_wastes_at_most_a_quarter()
    {
        var pool = new FramePool(long.MaxValue);
        for (var length = 1; length < 1 << 28; length += 1 + (length / 7))
        {
            using var frame = pool.Rent(length);
            Assert.Equal(length, frame.Memory.Length);
            Assert.InRange(frame.Capacity, length, Math.Max(4_096, length + (length / 4) + 1));
        }
    }

    [Fact]
    public void Memory_is_used_again_and_only_once_at_a_time()
    {
        var pool = new FramePool(1 << 20);
        var first = pool.Rent(10_000);
        var memory = first.Memory;
        first.Dispose();
        first.Dispose(); // A second time is nobody's business.
        var second = pool.Rent(9_500);
        var third = pool.Rent(9_500);
        Assert.True(memory.Span[..9_500] == second.Memory.Span);
        Assert.False(second.Memory.Span == third.Memory.Span);
    }

    [Fact]
    public void What_lies_idle_is_bounded_and_goes_when_nobody_rents()
    {
        var pool = new FramePool(100_000);
        var frames = Enumerable.Range(0, 20).Select(_ => pool.Rent(16_000)).ToArray();
        foreach (var frame in frames)
            frame.Dispose();
        Assert.InRange(pool.IdleBytes, 1, 100_000);
        pool.Rent(90_000).Dispose(); // Another size takes the place.
        Assert.InRange(pool.IdleBytes, 90_000, 100_000);
        pool.Rent(200_000).Dispose();
        pool.Trim();
        Assert.NotEqual(0, pool.IdleBytes);
        pool.Trim();
        Assert.Equal(0, pool.IdleBytes);
    }
}
