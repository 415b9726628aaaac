using OrleansLog.Client;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>D15 and D11: damage and missing directories are noticed, named, and never pass for an empty or shorter log.</summary>
public class DamageTests
{
    private static readonly TopicPartition Partition = new("damage", 0);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flipped_bit_is_reported_with_file_and_offset_and_the_rest_stays_readable(bool cleanStop)
    {
        using var place = new TempDirectory("damage");
        var launch = new SiloLaunch(place.Combine("data"));
        var end = await FillSegmentsAsync(launch, cleanStop);
        var segments = Directory.GetFiles(Path.Combine(launch.DataDirectories[0], $"{Partition}"), "*.log").Order(StringComparer.Ordinal).ToArray();
        Assert.True(segments.Length >= 3, $"{segments.Length} segments");
        DamagedFiles.FlipABitInTheMiddle(segments[1]);

        await using var silo = await SiloProcess.StartAsync(launch);
        await using var client = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] });
        var error = await Assert.ThrowsAsync<CorruptRecordException>(() => client.ReadAsync(Partition, StartAt.Beginning));
        var next = long.Parse(Path.GetFileNameWithoutExtension(segments[2]), System.Globalization.CultureInfo.InvariantCulture);
        var rest = await client.ReadAsync(Partition, StartAt.Offset(next));

        Assert.InRange(error.Offset, long.Parse(Path.GetFileNameWithoutExtension(segments[1]), System.Globalization.CultureInfo.InvariantCulture), next - 1);
        await silo.WaitForLineAsync(line => line.Contains(segments[1], StringComparison.Ordinal)
            && line.Contains("offset", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(end - next, rest.Count);
        Assert.Equal(end, (await client.SendAsync(Partition, "and it goes on")).Offset);
    }

    [Fact]
    public async Task A_wiped_directory_is_noticed_and_does_not_pass_for_an_empty_log()
    {
        using var place = new TempDirectory("wiped");
        var launch = new SiloLaunch(place.Combine("a"), place.Combine("b"));
        await using (var silo = await SiloProcess.StartAsync(launch))
        {
            await using var client = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] });
            await client.Admin.CreateTopicAsync("damage", 2);
            await client.SendAsync(new TopicPartition("damage", 0), "zero");
            await client.SendAsync(new TopicPartition("damage", 1), "one");
            await silo.TerminateAsync();
        }

        var lost = Path.GetFileName(Directory.GetDirectories(launch.DataDirectories[1], "damage-*").Single())[^1] - '0';
        Directory.Delete(launch.DataDirectories[1], recursive: true);

        await using var again = await SiloProcess.StartAsync(launch);
        await using var reader = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [again.Gateway] });
        Assert.Single(await reader.ReadAsync(new TopicPartition("damage", 1 - lost), StartAt.Beginning));
        Assert.Contains(await reader.RefusalAsync(new TopicPartition("damage", lost)), LogReading.OfflineCodes);
        await again.WaitForLineAsync(line => line.Contains(launch.DataDirectories[1], StringComparison.Ordinal)
            || line.Contains($"damage-{lost}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metadata_that_do_not_belong_to_the_directories_are_refused_and_nothing_is_harmed()
    {
        using var place = new TempDirectory("swapped");
        var launch = new SiloLaunch(place.Combine("a"), place.Combine("b"));
        await using (var silo = await SiloProcess.StartAsync(launch))
        {
            await using var client = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] });
            await client.Admin.CreateTopicAsync("damage", 2);
            await client.SendAsync(new TopicPartition("damage", 0), "zero");
            await client.SendAsync(new TopicPartition("damage", 1), "one");
            await silo.TerminateAsync();
        }

        // The metadata lie in the first directory: in this order there are none, and the broker would begin a new cluster.
        var swapped = await SiloProcess.RunRefusedAsync(launch with { DataDirectories = [.. launch.DataDirectories.Reverse()] });
        Assert.Equal(1, swapped.ExitCode);
        Assert.Contains("belong to the cluster", swapped.StandardError, StringComparison.Ordinal);

        await using var again = await SiloProcess.StartAsync(launch);
        await using var reader = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [again.Gateway] });
        Assert.Equal(["zero", "one"], (await reader.ReadAsync("damage")).Select(record => record.Value));
    }

    private static async Task<long> FillSegmentsAsync(SiloLaunch launch, bool cleanStop)
    {
        await using var silo = await SiloProcess.StartAsync(launch);
        await using var client = await LogClient.ConnectAsync(new LogClientOptions { Gateways = [silo.Gateway] });
        await client.Admin.CreateTopicAsync("damage", 1, configs: new Dictionary<string, string> { ["segment.bytes"] = "1048576" });
        await using var load = Load.Start(client, "damage", [0], 0);
        await load.AcknowledgedAsync(14_000);
        var sent = await load.StopAsync(TimeSpan.FromMinutes(2));
        Assert.DoesNotContain(sent, record => record.Outcome == History.Outcome.Unknown);
        if (cleanStop)
        {
            Assert.Equal(0, await silo.TerminateAsync());
        }
        else
        {
            await silo.KillAsync();
        }

        return sent.Count(record => record.Outcome == History.Outcome.Acknowledged);
    }
}
