using System.Globalization;

namespace OrleansLog.TestKit.Processes;

/// <summary>
/// PostgreSQL in a private directory on a free port of loopback, and of a test's own network, for one test class; it can be stopped and started again.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Loopback = "127.0.0.1";

    private static readonly string? Programs = Find();

    private readonly TempDirectory _place = new("postgres");
    private readonly int _port = FreePorts.Take(1)[0];
    private ChildProcess? _process;

    private readonly PrivateNetwork? _network;

    private PostgresServer(PrivateNetwork? network) => _network = network;

    /// <summary>Null where it is installed, else why there is none.</summary>
    public static string? Unavailable { get; } =
        OperatingSystem.IsLinux() && Programs is not null ? null : "PostgreSQL is not installed (Debian: apt-get install postgresql)";

    /// <summary>For Npgsql; anyone on this machine may connect, there is nothing secret in it.</summary>
    public string ConnectionString => $"Host={_network?.Address ?? Loopback};Port={_port};Database=postgres;Username=orleanslog";

    private string Data => _place.Combine("data");

    /// <summary>Makes an empty database and starts it; the hosts of <paramref name="network"/> can reach it, and clients of the connection string are there.</summary>
    public static async Task<PostgresServer> StartNewAsync(PrivateNetwork? network = null)
    {
        var server = new PostgresServer(network);
        try
        {
            Directory.CreateDirectory(server.Data);
            if (Environment.IsPrivilegedProcess)
                (await ChildProcess.RunAsync("chown", ["-R", "postgres", server._place.Path])).MustSucceed();

            (await ChildProcess.RunAsync("env", AsUser("initdb", "-D", server.Data, "-U", "orleanslog", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"), "/")).MustSucceed();
            if (network is not null)
                await File.AppendAllTextAsync(Path.Combine(server.Data, "pg_hba.conf"), $"host all all {network.Subnet} trust\n");
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it; comes back when it takes connections.</summary>
    public async Task StartAsync()
    {
        var addresses = _network is null ? Loopback : $"{Loopback},{_network.Address}";
        _process = ChildProcess.Start("env",
            AsUser("postgres", "-D", Data, "-p", _port.ToString(CultureInfo.InvariantCulture), "-c", "fsync=off", "-c", $"listen_addresses={addresses}", "-c", "unix_socket_directories="), "/");
        await _process.WaitForLineAsync(line => line.Contains("ready to accept connections", StringComparison.Ordinal));
    }

    /// <summary>What a query gives, as text.</summary>
    public async Task<string> QueryAsync(string sql)
    {
        var result = await ChildProcess.RunAsync(
            Path.Combine(Programs!, "psql"), ["-h", Loopback, "-p", _port.ToString(CultureInfo.InvariantCulture), "-U", "orleanslog", "-d", "postgres", "-Atqc", sql], "/");
        return result.MustSucceed().Output.Trim();
    }

    /// <summary>Stops it at once: connections are cut, nothing committed is lost. An immediate stop writes nothing more: the next start recovers.</summary>
    public async Task StopAsync(bool immediate = false)
    {
        if (_process is not { HasExited: false } running)
            return;

        Signals.Send(running.Id, immediate ? Signals.Quit : Signals.Interrupt);
        await running.WaitForExitAsync();
    }

    /// <summary>kill -9 of all its processes, in the middle of whatever they do; comes back when none is left. The next start recovers.</summary>
    public async Task KillAsync()
    {
        var id = _process!.Id.ToString(CultureInfo.InvariantCulture);
        var workers = (await File.ReadAllTextAsync($"/proc/{id}/task/{id}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        await _process.KillAsync();

        // A start is refused while one of them still holds the shared memory.
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Array.Exists(workers, IsRunning))
            await pause.WaitForNextTickAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_process is not null)
            await _process.DisposeAsync();
        _place.Dispose();
    }

    // One that has ended may stay in the table of processes until somebody asks for its exit code.
    private static bool IsRunning(string processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>It refuses to run as root; the package's own user runs it then.</summary>
    private static IEnumerable<string> AsUser(string program, params string[] arguments) =>
        [.. Environment.IsPrivilegedProcess ? new[] { "setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups" } : [], Path.Combine(Programs!, program), .. arguments];

    private static string? Find() =>
        (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Reverse().Select(version => Path.Combine(version, "bin")) : [])
        .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
}
