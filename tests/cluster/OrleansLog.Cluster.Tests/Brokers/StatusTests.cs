using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>What an operator sees while brokers go one after the other, and come back.</summary>
public class StatusTests
{
    private const int Degraded = 8;

    [PostgresFact]
    public async Task A_watched_cluster_is_told_of_through_the_loss_of_all_its_brokers_and_their_return()
    {
        await using var cluster = await ThreeBrokers.StartAsync();
        var olog = cluster.Olog;
        (await olog.RunAsync("topic", "create", "orders", "-p", "3", "-r", "3", "-c", "min.insync.replicas=2")).MustSucceed();
        (await olog.RunAsync("cluster", "status")).MustSucceed();
        await using var watch = olog.Start("cluster", "status", "--watch", "200ms");
        await watch.WaitForLineAsync(line => line == "brokers up 3 of 3");

        await cluster.StopAsync(3);
        await watch.WaitForLineAsync(line => line.StartsWith("offline 0  under-replicated 3  under-min-isr 0  at-min-isr 3", StringComparison.Ordinal));
        await watch.WaitForLineAsync(line => line == "brokers up 2 of 3, broker 3 fenced");
        await cluster.StopAsync(2);
        await watch.WaitForLineAsync(line => line.StartsWith("offline 0  under-replicated 3  under-min-isr 3  at-min-isr 0", StringComparison.Ordinal));
        var status = await olog.RunAsync("cluster", "status");
        Assert.Equal((Degraded, ""), (status.ExitCode, status.StandardError));
        Assert.Contains("under min.insync.replicas 2: acks=all is refused", status.Output, StringComparison.Ordinal);
        await cluster.StopAsync(1);
        await watch.WaitForLineAsync(line => line.StartsWith("cannot be reached: ", StringComparison.Ordinal));

        var wasAway = false;
        await Task.WhenAll(ThreeBrokers.Ids.Select(cluster.StartAsync));
        await watch.WaitForLineAsync(line =>
        {
            wasAway |= line.StartsWith("cannot be reached: ", StringComparison.Ordinal);
            return wasAway && line.StartsWith("offline 0  under-replicated 0 ", StringComparison.Ordinal);
        });
        Assert.Empty(watch.StandardError);
    }
}
