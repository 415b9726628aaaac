using System.Text;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests;

/// <summary>What somebody does in the first ten minutes, with the programs they have in hand.</summary>
public class NewcomerTests(NewcomerSilo shared) : IClassFixture<NewcomerSilo>
{
    [Fact]
    public async Task A_large_text_file_comes_back_byte_for_byte_also_across_kill_nine()
    {
        using var place = new TempDirectory("newcomer");
        var file = SourceTree(place);
        var launch = new SiloLaunch(place.Combine("data"));
        await using (var silo = await SiloProcess.StartAsync(launch))
        {
            var olog = new Olog(launch.BootstrapServers);
            (await olog.RunAsync("topic", "create", "sources", "--partitions", "1")).MustSucceed();
            (await olog.RunAsync("produce", "sources", "--file", file)).MustSucceed();
            await ComesBackAsync(olog, file, place.Combine("first"));
            await silo.KillAsync();
        }

        await using var again = await SiloProcess.StartAsync(launch);
        await ComesBackAsync(new Olog(launch.BootstrapServers), file, place.Combine("second"));
    }

    [Fact]
    public async Task Odd_bytes_through_a_pipe_come_back_as_they_were()
    {
        using var place = new TempDirectory("odd");
        var file = place.Combine("odd");
        byte[] odd = [.. "plain\n\n\nwindows\r\n\ttab\n"u8, 0xff, 0xfe, 0x00, 0x80, (byte)'\n', .. Encoding.UTF8.GetBytes($"żółw 🐢\n{new string('l', 900_000)}\n")];
        await File.WriteAllBytesAsync(file, odd);
        var olog = new Olog(shared.Silo.Launched.BootstrapServers);
        (await olog.RunAsync("topic", "create", "odd", "--partitions", "1")).MustSucceed();

        (await olog.PipeAsync(file, place.Combine("out"), "produce", "odd", "-z", "zstd")).MustSucceed();

        await ComesBackAsync(olog, file, place.Combine("back"), "odd");
    }

    [Fact]
    public async Task Names_that_cannot_be_topics_are_refused_in_one_line()
    {
        var olog = new Olog(shared.Silo.Launched.BootstrapServers);
        foreach (var name in new[] { "a/b", "", new string('n', 300), "..", "spaced out" })
        {
            var refused = await olog.RunAsync("topic", "create", name);
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Single(refused.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        Assert.DoesNotContain("a/b", (await olog.RunAsync("topic", "list")).MustSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_of_two_mebibytes_is_too_large_and_nothing_is_written()
    {
        using var place = new TempDirectory("large");
        var olog = new Olog(shared.Silo.Launched.BootstrapServers);
        (await olog.RunAsync("topic", "create", "large", "--partitions", "1")).MustSucceed();
        var file = place.Combine("large");
        await File.WriteAllTextAsync(file, new string('x', 2 * 1024 * 1024) + "\n");

        var refused = await olog.RunAsync("produce", "large", "--file", file);

        Assert.Equal(6, refused.ExitCode);
        Assert.Single(refused.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        (await olog.PipeAsync(null, place.Combine("out"), "consume", "large", "--from", "beginning", "--exit-at-end")).MustSucceed();
        Assert.Equal(0, new FileInfo(place.Combine("out")).Length);
        var log = Path.Combine(shared.Silo.Launched.DataDirectories[0], "large-0", "00000000000000000000.log");
        Assert.Equal(0, new FileInfo(log).Length);
    }

    private static async Task ComesBackAsync(Olog olog, string file, string back, string topic = "sources")
    {
        (await olog.PipeAsync(null, back, "consume", topic, "--from", "beginning", "--exit-at-end", "--format", "%v\\n")).MustSucceed();
        Assert.True(File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(back)), $"{file} and {back} differ");
    }

    /// <summary>This project's own sources in one file, a few times over: real text of some megabytes, with every kind of line in it.</summary>
    private static string SourceTree(TempDirectory place)
    {
        var file = place.Combine("sources.txt");
        using var output = File.Create(file);
        for (var copy = 0; copy < (Repository.LongRuns ? 50 : 5); copy++)
        {
            foreach (var source in new[] { "grains", "silo", "client", "tests" }.SelectMany(folder => Repository.SourceFiles(folder)))
            {
                output.Write(File.ReadAllBytes(source));
                output.WriteByte((byte)'\n');
            }
        }

        return file;
    }
}

/// <summary>One silo for the tests that leave it as it is.</summary>
public sealed class NewcomerSilo : IAsyncLifetime
{
    private readonly TempDirectory _place = new("newcomers");

    public SiloProcess Silo { get; private set; } = null!;

    public async Task InitializeAsync() => Silo = await SiloProcess.StartAsync(new SiloLaunch(_place.Combine("data")));

    public async Task DisposeAsync()
    {
        await Silo.DisposeAsync();
        _place.Dispose();
    }
}
