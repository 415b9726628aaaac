using System.Net;
using OrleansLog.Client;
using OrleansLog.Cluster.Tests.Groups;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;
using Xunit.Abstractions;

namespace OrleansLog.Cluster.Tests.Resources;

/// <summary>A broker that may have 1,024 files and sockets open, and more clients and partitions than that.</summary>
public class FewHandlesTests(ITestOutputHelper output)
{
    private const int MaxHandles = 1024;
    private const int Connections = 2_000;

    /// <summary>What opens beside connections while a test runs: a few segments, sockets that are being closed.</summary>
    private const int HandlesSlack = 40;

    private const int ResidentSlackMiB = 96;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Duration = Repository.LongRuns ? TimeSpan.FromHours(1) : TimeSpan.Zero;

    /// <summary>Handles and partitions; in long runs also ten thousand partitions, each with a handle of its own, for an hour.</summary>
    public static TheoryData<int, int> Brokers { get; } = Repository.LongRuns ? new() { { MaxHandles, 200 }, { 16_000, 10_000 } } : new() { { MaxHandles, 200 } };

    [LinuxTheory]
    [MemberData(nameof(Brokers))]
    public async Task Connections_come_and_go_and_nothing_of_them_is_left(int handles, int partitions)
    {
        using var place = new TempDirectory("handles");
        var launch = new SiloLaunch(place.Combine("data")) { MaxHandles = handles };
        await using var silo = await SiloProcess.StartAsync(launch);
        await using var client = await LogClient.ConnectAsync(launch.BootstrapServers);
        await client.Admin.CreateTopicAsync("few", partitions);
        var partition = new TopicPartition("few", partitions - 1);
        var sent = 0;
        await client.SendAsync(partition, $"{sent++}");
        var before = ProcessFigures.HandlesOf(silo.Id);
        var (least, most) = (int.MaxValue, 0);
        var began = DateTime.UtcNow;
        for (var round = 0; round < 3 || DateTime.UtcNow - began < Duration; round++)
        {
            using (var crowd = await Crowd.ComeAsync(IPEndPoint.Parse(launch.BootstrapServers), Connections))
            {
                Assert.True(crowd.Count > MaxHandles, $"this process may have too few handles itself: {crowd.Count} connections");
                Assert.True(await Until.ItIsAsync(() => crowd.Closed >= before + crowd.Count - handles, Patience), silo.Output);
                await UseAsync(client, partition, sent++, $"few-{round}");
            }

            Assert.True(await Until.ItIsAsync(() => ProcessFigures.HandlesOf(silo.Id) < before + HandlesSlack, Patience), $"{before}, then {ProcessFigures.HandlesOf(silo.Id)}");
            var resident = ProcessFigures.ResidentMiBOf(silo.Id);
            (least, most) = (Math.Min(least, resident), Math.Max(most, resident));
            output.WriteLine($"round {round}: {before} handles, then {ProcessFigures.HandlesOf(silo.Id)}; {resident} MiB");
            Assert.True(most - least < ResidentSlackMiB, $"{least} MiB grew to {most} MiB");
        }

        Assert.Equal(sent, (await client.ReadAsync(partition, StartAt.Beginning)).Count);
        Assert.True(await silo.TerminateAsync() == 0, silo.Output);
    }

    [LinuxFact]
    public async Task Few_handles_are_told_when_it_starts()
    {
        using var place = new TempDirectory("handles");
        await using var silo = await SiloProcess.StartAsync(new SiloLaunch(place.Combine("data")) { MaxHandles = MaxHandles });
        await silo.WaitForLineAsync($"This process may have {MaxHandles} files and sockets open");
        Assert.Equal(0, await silo.TerminateAsync());
    }

    [LinuxFact]
    public async Task More_partitions_than_handles_leave_some_closed_and_the_broker_alive()
    {
        using var place = new TempDirectory("handles");
        var launch = new SiloLaunch(place.Combine("data")) { MaxHandles = MaxHandles };
        await using var silo = await SiloProcess.StartAsync(launch);
        await using var client = await LogClient.ConnectAsync(launch.BootstrapServers);
        await client.Admin.CreateTopicAsync("first", 1, configs: new Dictionary<string, string> { ["segment.bytes"] = "1024" });
        var partition = new TopicPartition("first", 0);
        var record = new string('x', 800);
        await client.SendAsync(partition, record);
        await Record.ExceptionAsync(() => client.Admin.CreateTopicAsync("many", MaxHandles));
        await silo.WaitForLineAsync(static line => line.Contains("many-", StringComparison.Ordinal) && line.Contains("TooManyFiles", StringComparison.Ordinal));

        // This one has to begin a segment, and is sent again until there is a handle for it.
        var sending = client.SendAsync(partition, record, timeoutMs: 600_000);
        await silo.WaitForLineAsync("Too many open files: an append to first-0");
        await client.Admin.DeleteTopicAsync("many");
        Assert.Equal(1, (await sending).Offset);
        await client.Admin.CreateTopicAsync("later", 1);
        Assert.Equal(0, (await client.SendAsync(new TopicPartition("later", 0), "0")).Offset);
        Assert.True(await silo.TerminateAsync() == 0, silo.Output);
    }

    /// <summary>Who was there goes on, and the logs have room to begin.</summary>
    private static async Task UseAsync(ILogClient client, TopicPartition partition, int offset, string newTopic)
    {
        Assert.Equal(offset, (await client.SendAsync(partition, "there")).Offset);
        await client.Admin.CreateTopicAsync(newTopic, 1);
        Assert.Equal(0, (await client.SendAsync(new TopicPartition(newTopic, 0), "first")).Offset);
        await client.Admin.DeleteTopicAsync(newTopic);
    }
}
