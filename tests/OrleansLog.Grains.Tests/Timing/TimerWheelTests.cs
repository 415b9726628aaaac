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
        using var wheel = new TimerWheel(_time);
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
        using var wheel = new TimerWheel(_time);
        var entry = new Entry();
        wheel.Schedule(entry, 100);

        wheel.Cancel(entry);
        Advance(1000);

        Assert.Equal(0, entry.Calls);
    }

    [Fact]
    public void An_entry_scheduled_again_is_called_once_at_its_new_time()
    {
        using var wheel = new TimerWheel(_time);
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
            using var wheel = new TimerWheel(time);
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

    private void Advance(int ms) => _time.Advance(TimeSpan.FromMilliseconds(Math.Max(0, ms)));

    private sealed class Entry : TimerEntry
    {
        public int Calls { get; private set; }

        protected internal override void OnTimer(int generation)
        {
            Assert.Equal(Generation, generation);
            Calls++;
        }
    }
}
