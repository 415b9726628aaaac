using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Hosting.Tests.Processes;

/// <summary>The built executable as a person meets it: a real process, real ports, real directories.</summary>
public sealed class SiloStartTests : IDisposable
{
    private readonly TempDirectory _directory = new("silo");

    [Fact]
    public async Task It_starts_says_where_it_listens_and_stops_cleanly_on_sigterm()
    {
        var launch = new SiloLaunch(_directory.Combine("data"));
        await using var silo = await SiloProcess.StartAsync(launch);
        await silo.WaitForLineAsync("Ctrl-C stops it.");
        Assert.Contains($"gateway    {launch.Gateway}", silo.Output);
        Assert.Contains("topic create lines", silo.Output);
        Assert.Equal(0, await silo.TerminateAsync());
        Assert.True(File.Exists(_directory.Combine("data", ".kafka_cleanshutdown")));
        Assert.True(File.Exists(_directory.Combine("data", "orleanslog-metadata.db")));
    }

    [Fact]
    public async Task Ctrl_C_stops_it_cleanly_too()
    {
        await using var silo = await SiloProcess.StartAsync(new SiloLaunch(_directory.Combine("data")));
        Assert.Equal(0, await silo.InterruptAsync());
        Assert.True(File.Exists(_directory.Combine("data", ".kafka_cleanshutdown")));
    }

    [Fact]
    public async Task SIGTERM_while_it_starts_stops_it_cleanly_and_it_says_so()
    {
        await using var silo = SiloProcess.Begin(new SiloLaunch(_directory.Combine("data"))
        {
            LogLevel = "Information",
            Settings = new Dictionary<string, string>
            {
                ["orleanslog.metadata.connection"] = $"Host=127.0.0.1;Port={FreePorts.Take(1)[0]};Database=none;Username=nobody",
                ["orleanslog.metadata.connect.timeout.ms"] = "600000",
            },
        });
        await silo.WaitForLineAsync("this silo waits for it");
        Assert.True(await silo.TerminateAsync() == 0, silo.Output);
        await silo.WaitForLineAsync("orleanslog: stopped while starting");
        Assert.DoesNotContain("cannot start", silo.Output);
    }

    [Fact]
    public async Task Who_waits_in_vain_for_the_database_names_it_and_the_setting()
    {
        var result = await SiloProcess.RunRefusedAsync(new SiloLaunch(_directory.Combine("data"))
        {
            Settings = new Dictionary<string, string>
            {
                ["orleanslog.metadata.connection"] = $"Host=127.0.0.1;Port={FreePorts.Take(1)[0]};Database=none;Username=nobody",
                ["orleanslog.metadata.connect.timeout.ms"] = "1000",
            },
        });
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("cannot start: the PostgreSQL database 'none' ", result.StandardError, StringComparison.Ordinal);
        Assert.Contains("did not answer for 1 s (orleanslog.metadata.connect.timeout.ms)", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probes_write_no_line_each()
    {
        var port = FreePorts.Take(1)[0];
        await using var silo = SiloProcess.Begin(new SiloLaunch(_directory.Combine("data"))
        {
            Settings = new Dictionary<string, string> { ["orleanslog.http.address"] = $"127.0.0.1:{port}" },
        });
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await IsReadyAsync(http))
            await pace.WaitForNextTickAsync();

        Assert.InRange(silo.Output.Split('\n').Count(static line => line.Contains("Not ready for clients", StringComparison.Ordinal)), 0, 3);
        Assert.Equal(0, await silo.TerminateAsync());
        Assert.DoesNotContain("Health check", silo.Output);
    }

    [Fact]
    public async Task The_readmes_command_keeps_its_data_where_it_is_typed()
    {
        var launch = new SiloLaunch();
        await using var run = ChildProcess.Start(
            "dotnet",
            ["run", "-c", Repository.Configuration, "--no-build", "--project", Repository.PathOf("silo", "OrleansLog.Silo"), "--",
             "--silo-port", $"{launch.SiloPort}", "--gateway-port", $"{launch.GatewayPort}"],
            workingDirectory: _directory.Path);
        await run.WaitForLineAsync(line => line.Contains("is ready", StringComparison.Ordinal));
        Assert.True(File.Exists(_directory.Combine("data", "meta.properties")));
    }

    [Fact]
    public async Task A_second_broker_is_refused_on_the_same_port_on_the_same_directory_and_with_a_foreign_one()
    {
        var launch = new SiloLaunch(_directory.Combine("data"));
        await using (var silo = await SiloProcess.StartAsync(launch))
        {
            await RefusedAsync(launch with { DataDirectories = [_directory.Combine("other")] }, "in use", "--silo-port");
            await RefusedAsync(new SiloLaunch(_directory.Combine("data")), "in use by another process", _directory.Combine("data"));
            Assert.Equal(0, await silo.TerminateAsync());
        }

        await RefusedAsync(new SiloLaunch(_directory.Combine("data")) { NodeId = 2 }, "belongs to node.id 1", "this broker is 2");
    }

    [Fact]
    public async Task A_killed_broker_is_not_taken_for_a_stopped_one()
    {
        var launch = new SiloLaunch(_directory.Combine("data"));
        await using (var first = await SiloProcess.StartAsync(launch))
        {
            Assert.Equal(0, await first.TerminateAsync());
        }

        await using var second = await SiloProcess.StartAsync(launch);
        await second.KillAsync();
        Assert.False(File.Exists(_directory.Combine("data", ".kafka_cleanshutdown")));
    }

    [Fact]
    public async Task A_configuration_written_for_kafka_starts_it_and_is_answered_line_by_line()
    {
        var properties = _directory.Combine("server.properties");
        await File.WriteAllTextAsync(properties, """
            node.id=1 # the broker
            log.retention.hours=24 # a day
            default.replication.factor=3
            background.threads=8
            inter.broker.listener.name=PLAINTEXT
            some.unknown.key=1
            """);
        await using var silo = await SiloProcess.StartAsync(new SiloLaunch(_directory.Combine("data")) { Properties = properties });
        await silo.WaitForLineAsync("server.properties line 5: inter.broker.listener.name is not supported yet");
        await silo.WaitForLineAsync("server.properties line 6: some.unknown.key is not a known key");
        await silo.WaitForLineAsync("server.properties line 4: background.threads has no effect here");
        Assert.Equal(0, await silo.TerminateAsync());
    }

    [Theory]
    [InlineData("file", "it is a file")]
    [InlineData("link", "where nothing is: perhaps a disk that is not mounted")]
    public async Task A_data_directory_that_cannot_be_made_is_named_with_the_reason(string kind, string reason)
    {
        var data = _directory.Combine("data");
        if (kind == "file")
            await File.WriteAllTextAsync(data, "");
        else
            File.CreateSymbolicLink(data, _directory.Combine("nowhere"));

        await RefusedAsync(new SiloLaunch(data), $"the directory {data} cannot be made", reason, "--data");
    }

    [Fact]
    public async Task A_data_directory_where_nobody_may_write_is_named()
    {
        if (OperatingSystem.IsLinux()) // root may write elsewhere, too
            await RefusedAsync(new SiloLaunch("/sys/orleanslog-data"), "the directory /sys/orleanslog-data cannot be made", "--data");
    }

    [Fact]
    public async Task A_metadata_database_that_cannot_be_opened_is_named_with_the_reason()
    {
        await using (var silo = await SiloProcess.StartAsync(new SiloLaunch(_directory.Combine("data"))))
            Assert.Equal(0, await silo.TerminateAsync());

        var database = Assert.Single(Directory.GetFiles(_directory.Combine("data"), "*.db"));
        foreach (var file in Directory.GetFiles(_directory.Combine("data"), "*.db*"))
            File.Delete(file);

        Directory.CreateDirectory(database);
        await RefusedAsync(new SiloLaunch(_directory.Combine("data")), $"the metadata database {database} cannot be used", "It is a directory");
    }

    [Fact]
    public async Task Settings_that_are_no_json_are_refused_with_the_files_name()
    {
        var file = _directory.Combine("appsettings.json");
        await File.WriteAllTextAsync(file, """{ "OrleansLog": { x }""");
        var result = await SiloProcess.RunRefusedAsync(new SiloLaunch(_directory.Combine("data")), workingDirectory: _directory.Path);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{file}: expected JSON ('x' is an invalid start of a property name", Assert.Single(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_value_is_one_line_with_its_place()
    {
        var properties = _directory.Combine("server.properties");
        await File.WriteAllTextAsync(properties, "num.partitions=3\nlog.roll.hours=168)\n");
        var result = await SiloProcess.RunRefusedAsync(new SiloLaunch(_directory.Combine("data")) { Properties = properties });
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            "orleanslog: server.properties line 2: log.roll.hours=168) is not valid: expected an integer of hours from 1 to 2147483647",
            result.Output.Trim());
    }

    [Fact]
    public async Task Its_web_pages_tell_its_health()
    {
        var port = FreePorts.Take(1)[0];
        await using var silo = await SiloProcess.StartAsync(new SiloLaunch(_directory.Combine("data"))
        {
            Settings = new Dictionary<string, string> { ["orleanslog.http.address"] = $"127.0.0.1:{port}" },
        });
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.Equal("Healthy", await http.GetStringAsync("/healthz/live"));
        Assert.Equal("Healthy", await http.GetStringAsync("/healthz/ready"));
        Assert.Equal("Healthy", await http.GetStringAsync("/healthz"));
        Assert.Contains("\"nodeId\": 1", await http.GetStringAsync("/"));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await http.GetAsync("/nowhere")).StatusCode);
        Assert.Equal(0, await silo.TerminateAsync());
    }

    public void Dispose() => _directory.Dispose();

    private static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync("/healthz/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task RefusedAsync(SiloLaunch launch, params string[] reasons)
    {
        var result = await SiloProcess.RunRefusedAsync(launch);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(result.Output, Assert.Single(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.All(reasons, reason => Assert.Contains(reason, result.Output));
    }
}
