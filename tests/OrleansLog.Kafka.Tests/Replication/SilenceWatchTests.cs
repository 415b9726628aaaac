using OrleansLog.Kafka.Replication;

namespace OrleansLog.Kafka.Tests.Replication;

public class SilenceWatchTests
{
    private const int SilenceMs = 4 * SilenceWatch.TickMs;

    private readonly SilenceWatch _watch = new(SilenceMs);

    [Fact]
    public void Who_owes_an_answer_for_longer_than_the_most_is_silent_until_something_comes()
    {
        _watch.Owed();
        Assert.Equal([false, false, false, false, true, true], Ticks(6));
        _watch.Heard();
        Assert.Equal([false, false, false, false, true], Ticks(5));
    }

    [Fact]
    public void A_byte_now_and_then_is_no_silence()
    {
        _watch.Owed();
        for (var i = 0; i < 10; i++)
        {
            Assert.DoesNotContain(true, Ticks(3));
            _watch.Heard();
        }
    }

    [Fact]
    public void Who_owes_nothing_may_be_silent_and_counts_anew_when_it_does()
    {
        Assert.DoesNotContain(true, Ticks(10));
        _watch.Owed();
        Ticks(3);
        _watch.Settled();
        Assert.DoesNotContain(true, Ticks(10));
        _watch.Owed();
        Assert.Equal([false, false, false, false, true], Ticks(5));
    }

    [Fact]
    public void Zero_switches_it_off()
    {
        var off = new SilenceWatch(0);
        off.Owed();
        Assert.False(off.IsOn);
        Assert.False(off.Tick());
    }

    private bool[] Ticks(int count) => [.. Enumerable.Range(0, count).Select(_ => _watch.Tick())];
}
