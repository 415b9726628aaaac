using OrleansLog.Client;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>A server.properties as operators have it: it starts, and what is not honoured is named.</summary>
public class PropertiesTests
{
    private const string OperatorsFile = """
        # ── identity ─────────────────────────────────────────────
        broker.id=1                          # the same number
        node.id=1                            # twice, as KRaft wants it
        # ── storage ──────────────────────────────────────────────
        log.dirs=/var/kafka/logs,/data/kafka # the command line says otherwise
        log.segment.bytes=1073741824         # roll at 1 GiB
        log.roll.hours=168                   # or after a week
        # ── retention ────────────────────────────────────────────
        log.retention.hours=168
        log.retention.bytes=-1               # no limit
        log.cleanup.policy=delete            # or compact
        # ── replication ──────────────────────────────────────────
        default.replication.factor=3
        min.insync.replicas=2
        replica.lag.time.max.ms=30000
        unclean.leader.election.enable=false
        # ── performance ──────────────────────────────────────────
        num.network.threads=8
        background.threads=16                    # disk
        num.replica.fetchers=4
        socket.send.buffer.bytes=102400
        socket.receive.buffer.bytes=102400
        socket.request.max.bytes=104857600   # 100 MiB
        # ── limits and defaults ──────────────────────────────────
        message.max.bytes=1048576
        num.partitions=3
        auto.create.topics.enable=false
        compression.type=producer
        # a slip of the pen
        log.retention.hour=1
        """;

    [Fact]
    public async Task The_usual_server_properties_starts_and_what_is_not_honoured_is_named()
    {
        using var place = new TempDirectory("properties");
        var file = place.Combine("server.properties");
        await File.WriteAllTextAsync(file, OperatorsFile);

        await using var silo = await SiloProcess.StartAsync(new SiloLaunch(place.Combine("data")) { Properties = file });

        string[] named = ["background.threads", "log.retention.hour "];
        foreach (var key in named)
        {
            await silo.WaitForLineAsync(line => line.Contains(key, StringComparison.Ordinal));
        }

        await using var client = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] });
        await client.Admin.CreateTopicAsync("defaults", replicationFactor: 1);
        Assert.Equal(3, (await client.Admin.DescribeTopicAsync("defaults")).Partitions.Length);
        var refused = await Assert.ThrowsAsync<LogException>(() => client.Admin.CreateTopicAsync("three-copies"));
        Assert.Equal(ErrorCode.InvalidReplicationFactor, refused.Code);
        await Assert.ThrowsAsync<UnknownTopicException>(() => client.SendAsync(new TopicPartition("not-created", 0), "x"));
    }

    [Theory]
    [InlineData("log.segment.bytes=a lot", "log.segment.bytes")]
    [InlineData("log.retention.hours=1\n=no key", "line 2")]
    public async Task A_file_with_a_wrong_value_is_refused_with_the_place(string text, string place)
    {
        using var directory = new TempDirectory("properties");
        var file = directory.Combine("server.properties");
        await File.WriteAllTextAsync(file, text);

        var refused = await SiloProcess.RunRefusedAsync(new SiloLaunch(directory.Combine("data")) { Properties = file });

        Assert.True(refused.ExitCode is > 0 and < 128, $"exit code {refused.ExitCode}\n{refused.Output}");
        Assert.Contains(place, refused.StandardError, StringComparison.Ordinal);
    }
}
