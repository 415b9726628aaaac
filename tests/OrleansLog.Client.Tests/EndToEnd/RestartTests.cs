using OrleansLog.TestKit;

namespace OrleansLog.Client.Tests;

/// <summary>A broker that goes away and comes back while members consume over its socket.</summary>
public sealed class RestartTests(SiloFixture silo) : BrokerGroupTest(silo)
{
    [Theory]
    [InlineData(GroupAssignor.CooperativeSticky)]
    [InlineData(GroupAssignor.Range)]
    public async Task Members_go_on_and_nothing_is_skipped(GroupAssignor assignor)
    {
        using var data = new TempDirectory("restart");
        using var port = new ReservedPort();
        var broker = await TestSilo.StartAsync(data.Path, port.Number);
        try
        {
            await using var log = await LogClient.ConnectAsync(port.Address);
            await log.Admin.CreateTopicAsync(Topic, 4);
            await WriteAsync(log, Topic, 4, 10);
            await using var a = Join(log, Options(assignor));
            await using var b = Join(log, Options(assignor));
            await Until(() => a.Assignment.Length == 2 && b.Assignment.Length == 2, a, b);
            await Until(() => IsCaughtUpAsync(log, 4));
            await broker.DisposeAsync();
            broker = await TestSilo.StartAsync(data.Path, port.Number);
            await WriteAsync(log, Topic, 4, 10);
            await UntilRead(80, a, b);
            await Until(async () => (await log.Admin.DescribeGroupAsync(Group)) is { Group.State: "Stable", Group.Members.Count: 2 });
            await Until(() => IsCaughtUpAsync(log, 4));
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }
}
