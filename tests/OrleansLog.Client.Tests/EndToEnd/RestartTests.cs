using System.Net;
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
        var port = FreePorts.Take(1)[0];
        var broker = await TestSilo.StartAsync(data.Path, port);
        try
        {
            await using var log = await LogClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port).ToString());
            await log.Admin.CreateTopicAsync(Topic, 4);
            await WriteAsync(log, Topic, 4, 10);
            await using var a = Join(log, Options(assignor));
            await using var b = Join(log, Options(assignor));
            await Until(() => a.Assignment.Length == 2 && b.Assignment.Length == 2, a, b);
            await Until(() => IsCaughtUpAsync(log, 4));
            await broker.DisposeAsync();
            broker = await TestSilo.StartAsync(data.Path, port);
            await WriteAsync(log, Topic, 4, 10);
            await Until(() => Places(a, b).Distinct().Count() == 80, a, b);
            await Until(async () => (await log.Admin.DescribeGroupAsync(Group)) is { Group.State: "Stable", Group.Members.Count: 2 });
            await Until(() => IsCaughtUpAsync(log, 4));
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }
}
