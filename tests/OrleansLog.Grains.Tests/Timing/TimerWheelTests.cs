using CsCheck;
using Microsoft.Extensions.Time.Testing;
using OrleansLog.Grains.Timing;

namespace OrleansLog.Grains.Tests.Timing;

public sealed class TimerWheelTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(500)]
    [InlineData(60_000)]
    public void An_entry_is_called_not_early_and_at_most_two_ticks_late(int delayMs)
    {
        using var wheel = new TimerWheel(_time, Unexpected);
        var entry = new Entry();
        wheel.Schedule(entry, delayMs);

        Advance(delayMs - 1);
        Assert.Equal(0, entry.Calls);
        Advance(21);
        Assert.Equal(1, entry.Calls);
        Assert.Equal(0, wheel.Count);
    }

    [Fact]
    public void A_cancelled_entry_is_not_called()
    {
        using var wheel = new TimerWheel(_time, Unexpected);
        var entry = new Entry();
        wheel.Schedule(entry, 100);

        wheel.Cancel(entry);
        Advance(1000);

        Assert.Equal(0, entry.Calls);
    }

    [Fact]
    public void An_entry_scheduled_again_is_called_once_at_its_new_time()
    {
        using var wheel = new TimerWheel(_time, Unexpected);
        var entry = new Entry();
        wheel.Schedule(entry, 100);
        wheel.Schedule(entry, 1000);

        Advance(500);
        Assert.Equal(0, entry.Calls);
        Advance(600);
        Assert.Equal(1, entry.Calls);
    }

    [Fact]
    public void Random_timeouts_all_come_at_their_time() =>
        Gen.Select(Gen.Int[0, 20_000].Array[1, 40], Gen.Int[1, 3000].Array[1, 30]).Sample((delays, steps) =>
        {
            var time = new FakeTimeProvider();
            using var wheel = new TimerWheel(time, Unexpected);
            var entries = delays.Select(_ => new Entry()).ToArray();
            for (var i = 0; i < delays.Length; i++)
                wheel.Schedule(entries[i], delays[i]);

            var now = 0;
            foreach (var step in steps)
            {
                time.Advance(TimeSpan.FromMilliseconds(step));
                now += step;
                for (var i = 0; i < delays.Length; i++)
                {
                    Assert.True(entries[i].Calls == 0 || now >= delays[i], "called early");
                    Assert.True(entries[i].Calls == 1 || now < delays[i] + 20, "not called in time");
                }
            }
        });

    [Theory]
    [InlineData(0xFFFF_FFFF)] // more than a timer of .NET takes
    [InlineData(60L * 24 * 3600 * 1000)]
    [InlineData(long.MaxValue - 1)]
    [InlineData(long.MaxValue)]
    public void A_delay_of_any_size_is_taken_and_holds_up_nobody(long delayMs)
    {
        using var wheel = new TimerWheel(_time, Unexpected);
        Advance(12_345);
        var far = new Entry();
        var near = new Entry();
        wheel.Schedule(far, delayMs);
        wheel.Schedule(near, 100);

        Advance(20_000);
        Assert.Equal((0, 1, 1), (far.Calls, near.Calls, wheel.Count));
        wheel.Cancel(far);
        Assert.Equal(0, wheel.Count);
    }

    [Fact]
    public void An_entry_of_many_days_is_called_at_its_time()
    {
        using var wheel = new TimerWheel(_time, Unexpected);
        var entry = new Entry();
        wheel.Schedule(entry, (long)TimeSpan.FromDays(60).TotalMilliseconds);

        _time.Advance(TimeSpan.FromDays(60) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, entry.Calls);
        Advance(21);
        Assert.Equal(1, entry.Calls);
    }

    [Fact]
    public void An_entry_that_throws_is_told_and_the_others_are_called()
    {
        var told = new List<Exception>();
        using var wheel = new TimerWheel(_time, told.Add);
        var entries = new[] { new Entry(), new Entry { Failure = new InvalidOperationException("a bug") }, new Entry() };
        foreach (var entry in entries)
            wheel.Schedule(entry, 100);

        Advance(200);

        Assert.Equal([1, 1, 1], entries.Select(entry => entry.Calls));
        Assert.Equal([entries[1].Failure!], told);
    }

    private static void Unexpected(Exception error) => Assert.Fail(error.ToString());

    private void Advance(int ms) => _time.Advance(TimeSpan.FromMilliseconds(Math.Max(0, ms)));

    private sealed class Entry : TimerEntry
    {
        public int Calls { get; private set; }

        public Exception? Failure { get; init; }

        protected internal override void OnTimer(int generation)
        {
            Assert.Equal(Generation, generation);
            Calls++;
            if (Failure is not null)
                throw Failure;
        }
    }
}
