namespace OrleansLog.Grains.Tests.Controller;

public class VersionWaitersTests
{
    [Fact]
    public async Task When_no_more_versions_come_those_who_wait_fail_and_those_who_have_theirs_do_not()
    {
        var waiters = new VersionWaiters();
        var has = WaitAsync(waiters, 1);
        var waits = WaitAsync(waiters, 2);
        waiters.Reach(1);
        waiters.Fail(() => new IOException("gone"));
        await has.WaitAsync(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<IOException>(() => waits.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(0, waiters.Count);
    }

    private static Task WaitAsync(VersionWaiters waiters, long version) =>
        waiters.WaitAsync(version, Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
}
