using System.Text.Json;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cli.Tests;

/// <summary>D11 end to end: a real broker one of whose directories was wiped while it was stopped.</summary>
public sealed class LostDirectoryTests : IDisposable
{
    private const int RefusalAttemptsMax = 30;

    private readonly TempDirectory _place = new("lost");

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task What_was_in_a_wiped_directory_is_offline_until_its_loss_is_accepted_and_then_takes_records_again()
    {
        var launch = new SiloLaunch(_place.Combine("a"), _place.Combine("b"));
        await using (var silo = await SiloProcess.StartAsync(launch))
        {
            (await OlogAsync(launch, "", "topic", "create", "orders", "-p", "2")).Succeeded();
            foreach (var partition in (string[])["0", "1"])
            {
                (await OlogAsync(launch, "before\n", "produce", "orders", "-p", partition)).Succeeded();
            }

            Assert.Equal(0, await silo.TerminateAsync());
        }

        var folder = Path.GetFileName(Directory.GetDirectories(launch.DataDirectories[1], "orders-*").Single());
        var lost = folder[^1..];
        var kept = lost == "0" ? "1" : "0";
        var directoryId = File.ReadLines(Path.Combine(launch.DataDirectories[1], "meta.properties")).Single(line => line.StartsWith("directory.id=", StringComparison.Ordinal))[13..];
        Directory.Delete(launch.DataDirectories[1], recursive: true);

        await using (var silo = await SiloProcess.StartAsync(launch))
        {
            Assert.Contains(directoryId, await silo.WaitForLineAsync($"olog partition accept-loss orders {lost}"), StringComparison.Ordinal);
            Assert.DoesNotContain($"accept-loss orders {kept}", silo.Output, StringComparison.Ordinal);
            (await OlogAsync(launch, "after\n", "produce", "orders", "-p", kept)).Succeeded();
            Assert.Equal("before\nafter\n", (await OlogAsync(launch, "", "consume", "orders", "-p", kept, "-e")).Succeeded().Text);
            Assert.Contains($"No broker leads orders-{lost} now", await RefusalAsync(launch, lost), StringComparison.Ordinal);
            var status = await OlogAsync(launch, "", "cluster", "status");
            Assert.Equal(ExitCode.Degraded, status.Code);
            Assert.Contains($"orders {lost} none 1 - 1 no leader; offline on broker 1; waits for broker 1", status.Lines.Select(Words));
            (await OlogAsync(launch, "", "partition", "accept-loss", "orders", kept, "--yes")).Failed(ExitCode.Error, "ELECTION_NOT_NEEDED");

            var accepted = (await OlogAsync(launch, "", "partition", "accept-loss", "orders", lost, "--yes", "-o", "json")).Succeeded();

            Assert.Equal(1, JsonDocument.Parse(Assert.Single(accepted.Lines)).RootElement.GetProperty("leader").GetInt32());
            (await OlogAsync(launch, "", "cluster", "status")).Succeeded();
            (await OlogAsync(launch, "new\n", "produce", "orders", "-p", lost)).Succeeded();
            Assert.Equal("new\n", (await OlogAsync(launch, "", "consume", "orders", "-p", lost, "-e")).Succeeded().Text);
            (await OlogAsync(launch, "", "partition", "accept-loss", "orders", lost, "--yes")).Failed(ExitCode.Error, "broker 1 leads it");
            await silo.KillAsync();
        }

        await using var again = await SiloProcess.StartAsync(launch);
        Assert.Equal("new\n", (await OlogAsync(launch, "", "consume", "orders", "-p", lost, "-e")).Succeeded().Text);
        Assert.DoesNotContain("OFFLINE", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_comes_back_before_anything_was_accepted_brings_everything_back()
    {
        var launch = new SiloLaunch(_place.Combine("a"), _place.Combine("b"));
        await using (var silo = await SiloProcess.StartAsync(launch))
        {
            (await OlogAsync(launch, "", "topic", "create", "orders", "-p", "2")).Succeeded();
            foreach (var partition in (string[])["0", "1"])
            {
                (await OlogAsync(launch, "before\n", "produce", "orders", "-p", partition)).Succeeded();
            }

            Assert.Equal(0, await silo.TerminateAsync());
        }

        Directory.Move(launch.DataDirectories[1], _place.Combine("unplugged"));
        await using (var silo = await SiloProcess.StartAsync(launch))
        {
            await silo.WaitForLineAsync("stays OFFLINE");
            Assert.Equal(0, await silo.TerminateAsync());
        }

        Directory.Delete(launch.DataDirectories[1], recursive: true);
        Directory.Move(_place.Combine("unplugged"), launch.DataDirectories[1]);
        await using var again = await SiloProcess.StartAsync(launch);
        Assert.Equal("before\nbefore\n", (await OlogAsync(launch, "", "consume", "orders", "-e")).Succeeded().Text);
    }

    /// <summary>Why a partition takes no record; that the time ran out before any answer came is asked again.</summary>
    private static async Task<string> RefusalAsync(SiloLaunch launch, string partition)
    {
        for (var attempt = 1; ; attempt++)
        {
            var refused = await OlogAsync(launch, "early\n", "produce", "orders", "-p", partition, "--delivery-timeout", "2s");
            Assert.NotEqual(ExitCode.Ok, refused.Code);
            if (refused.Error.Contains("leads", StringComparison.Ordinal) || attempt == RefusalAttemptsMax)
            {
                return refused.Error;
            }
        }
    }

    private static string Words(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static Task<CliResult> OlogAsync(SiloLaunch launch, string input, params string[] args) =>
        CliHarness.RunAsync([.. args, "-g", launch.Gateway, .. OlogArguments.Patient], System.Text.Encoding.UTF8.GetBytes(input), new Connector());
}
