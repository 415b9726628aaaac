using OrleansLog.Client;
using OrleansLog.TestKit;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>A test with data of three silos on a PostgreSQL server; skipped, with the reason, where there is none.</summary>
public sealed class ClusterTheoryAttribute : TheoryAttribute
{
    public ClusterTheoryAttribute() => Skip = PostgresServer.Unavailable!;
}

/// <summary>PostgreSQL and three real silo processes, brokers 1 to 3, that start at once on an empty database.</summary>
internal sealed class ThreeBrokers : IAsyncDisposable
{
    private readonly TempDirectory _place = new("cluster");
    private readonly Dictionary<int, SiloLaunch> _launches = [];
    private readonly Dictionary<int, SiloProcess> _running = [];

    private PostgresServer? _database;
    private PrivateNetwork? _network;

    private ThreeBrokers()
    {
    }

    public PostgresServer Database => _database!;

    /// <summary>Where each broker is the host of its number, for a cluster that was started so; the database and clients are outside of the hosts.</summary>
    public PrivateNetwork Network => _network!;

    public static IReadOnlyList<int> Ids { get; } = [1, 2, 3];

    /// <summary>Where clients begin.</summary>
    public string BootstrapServers => string.Join(',', Ids.Select(id => _launches[id].BootstrapServers));

    /// <summary>
    /// Starts a cluster; <paramref name="adapt"/> gives its silos other settings or places, <paramref name="inNetwork"/> its brokers a network of their own, and
    /// <paramref name="besides"/> are the numbers of silos that are no brokers.
    /// </summary>
    public static async Task<ThreeBrokers> StartAsync(Func<SiloLaunch, SiloLaunch>? adapt = null, bool inNetwork = false, IReadOnlyList<int>? besides = null)
    {
        int[] all = [.. Ids, .. besides ?? []];
        var cluster = new ThreeBrokers();
        try
        {
            cluster._network = inNetwork ? await PrivateNetwork.CreateAsync(Ids.Count) : null;
            cluster._database = await PostgresServer.StartNewAsync(cluster._network);
            foreach (var id in all)
            {
                var launch = cluster.Launch(id, "broker-" + id);
                cluster._launches[id] = adapt is null ? launch : adapt(launch);
            }

            await Task.WhenAll(all.Select(cluster.StartAsync));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The command line, for which all brokers are named.</summary>
    public Olog Olog => new(BootstrapServers);

    /// <summary>How a broker of this cluster would be started at a place; another one is another process with the same id.</summary>
    public SiloLaunch Launch(int id, string place) => new(_place.Combine(place))
    {
        NodeId = id,
        Address = _network?.AddressOf(id) ?? "127.0.0.1",
        Namespace = _network?.NamespaceOf(id),
        Settings = new Dictionary<string, string> { ["orleanslog.metadata.connection"] = Database.ConnectionString },
    };

    /// <summary>How a broker of this cluster is started.</summary>
    public SiloLaunch LaunchOf(int id) => _launches[id];

    /// <summary>Starts a broker, at its place of before; comes back when it is ready.</summary>
    public async Task StartAsync(int id)
    {
        var silo = await SiloProcess.StartAsync(_launches[id]);
        lock (_running)
            _running[id] = silo;
    }

    public async Task KillAsync(int id)
    {
        var silo = _running[id];
        _running.Remove(id);
        await silo.KillAsync();
        await silo.DisposeAsync();
    }

    /// <summary>Stops all brokers cleanly.</summary>
    public async Task StopAllAsync()
    {
        foreach (var id in Ids)
            await StopAsync(id);
    }

    /// <summary>A clean stop; the exit code.</summary>
    public async Task<int> StopAsync(int id)
    {
        _running.Remove(id, out var silo);
        var exitCode = await silo!.TerminateAsync();
        await silo.DisposeAsync();
        return exitCode;
    }

    /// <summary>The process of a broker that runs.</summary>
    public int ProcessOf(int id) => _running[id].Id;

    /// <summary>SIGSTOP: it lives, and is silent.</summary>
    public Task PauseAsync(int id)
    {
        Signals.Send(_running[id].Id, Signals.Stop);
        return Task.CompletedTask;
    }

    /// <summary>SIGCONT, for one that nobody has declared dead meanwhile.</summary>
    public void Continue(int id) => Signals.Send(_running[id].Id, Signals.Continue);

    /// <summary>
    /// SIGCONT, once the others have declared it dead: it says so and ends its process when it learns of that, and is started again as by a service manager;
    /// comes back when it has.
    /// </summary>
    public async Task ResumeAsync(int id)
    {
        await DeclaredDeadAsync(id);
        var silo = _running[id];
        Continue(id);
        Assert.Equal(3, await silo.ExitedAsync());
        Assert.Contains("The other silos took this one for dead", silo.Output, StringComparison.Ordinal);
        await ExitedAsync(id);
        await StartAsync(id);
    }

    /// <summary>Completes when the other silos have agreed that this one's is dead.</summary>
    public async Task DeclaredDeadAsync(int id)
    {
        const int Dead = 6;
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await Database.QueryAsync($"SELECT count(*) FROM orleanslog.OrleansMembership WHERE Port = {_launches[id].SiloPort} AND Status <> {Dead}") != "0")
            await pause.WaitForNextTickAsync();
    }

    /// <summary>Completes when a broker has ended by itself.</summary>
    public async Task ExitedAsync(int id)
    {
        var silo = _running[id];
        await silo.ExitedAsync();
        _running.Remove(id);
        await silo.DisposeAsync();
    }

    /// <summary>Where all logs of a broker lie.</summary>
    public string DataOf(int id) => _launches[id].DataDirectories[0];

    /// <summary>Where the log of a replica lies.</summary>
    public string FolderOf(int id, string topic, int partition) => Path.Combine(DataOf(id), $"{topic}-{partition}");

    /// <summary>All batches of a replica to which nothing is written, as they lie on its disk.</summary>
    public byte[] BytesOf(int id, string topic, int partition) =>
        [.. Directory.GetFiles(FolderOf(id, topic, partition), "*.log").Order(StringComparer.Ordinal).SelectMany(File.ReadAllBytes)];

    /// <summary>A client that knows all brokers.</summary>
    public async Task<ILogClient> ConnectAsync() => await LogClient.ConnectAsync(new LogClientOptions { BootstrapServers = [.. Ids.Select(id => _launches[id].BootstrapServers)] });

    /// <summary>A client that asks this broker for as long as it answers, and knows all.</summary>
    public async Task<ILogClient> ConnectAsync(int id) =>
        await LogClient.ConnectAsync(new LogClientOptions { BootstrapServers = [.. Ids.OrderBy(other => other != id).Select(other => _launches[other].BootstrapServers)] });

    /// <summary>Completes when a broker's log has said it.</summary>
    public Task SaysAsync(int id, string part) => _running[id].WaitForLineAsync(part);

    /// <summary>Waits until one of several brokers has said something since it was started.</summary>
    public Task AnyoneSaysAsync(IEnumerable<int> ids, string part) => Task.WhenAny(ids.Select(id => SaysAsync(id, part))).Unwrap();

    /// <summary>What a broker has said since it was started.</summary>
    public string OutputOf(int id) => _running[id].Output;

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_running.Values.Select(silo => silo.DisposeAsync().AsTask()));
        if (_database is not null)
            await _database.DisposeAsync();
        if (_network is not null)
            await _network.DisposeAsync();
        _place.Dispose();
    }
}
