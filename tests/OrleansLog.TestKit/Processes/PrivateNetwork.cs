using System.ComponentModel;
using System.Globalization;

namespace OrleansLog.TestKit.Processes;

/// <summary>
/// A network for one test: a bridge, hosts on it that are network namespaces, and a link to where this process is. Links can be cut while processes run at
/// their ends. What is cut is silent, as a real wire is: packets are lost, and nobody is told.
/// </summary>
public sealed class PrivateNetwork : IAsyncDisposable
{
    /// <summary>The last number of host 1's address is this plus one; this process has the first address.</summary>
    private const int BeforeHosts = 10;

    private const int NetworksMax = 256;

    /// <summary>An address of no interface: the bridge carries what is sent there to nobody.</summary>
    private const string Nobody = "02:00:00:00:00:00";

    /// <summary>A file for each number, locked by the process whose network has it. What a killed one left is found by the next one, which has its number.</summary>
    private const string Claims = "/run/orleanslog-test-networks";

    private static readonly Lazy<string?> Tried = new(() => Try(TryAsync));
    private static readonly Lazy<string?> LimitsTried = new(() => Try(TryLimitAsync));

    private readonly FileStream _claim;

    /// <summary>Of the namespace that has the bridge, apart from the rules that this machine may have for what it forwards; and of the link to there.</summary>
    private readonly string _name;

    private readonly string _prefix;

    private PrivateNetwork(int number, FileStream claim)
    {
        _claim = claim;
        _name = string.Create(CultureInfo.InvariantCulture, $"orleanslog{number}");
        _prefix = string.Create(CultureInfo.InvariantCulture, $"198.18.{number}."); // for tests of networks, by RFC 2544
    }

    /// <summary>Null where networks can be made here, else why not.</summary>
    public static string? Unavailable => Tried.Value;

    /// <summary>Null where links can be made slow too, else why not.</summary>
    public static string? LimitsUnavailable => Tried.Value ?? LimitsTried.Value;

    /// <summary>Where this process and its children outside of the hosts are.</summary>
    public string Address => _prefix + "1";

    public string Subnet => _prefix + "0/24";

    /// <summary>Makes a network of hosts 1 to <paramref name="hosts"/>, at most 9. What a killed run left of one with its name is removed.</summary>
    public static async Task<PrivateNetwork> CreateAsync(int hosts)
    {
        var network = Claim();
        try
        {
            await network.RemoveAsync();
            await network.AddBridgeAsync();
            for (var host = 1; host <= hosts; host++)
                await network.AddHostAsync(host);

            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public string AddressOf(int host) => _prefix + (BeforeHosts + host).ToString(CultureInfo.InvariantCulture);

    /// <summary>For <c>ip netns exec</c>.</summary>
    public string NamespaceOf(int host) => string.Create(CultureInfo.InvariantCulture, $"{_name}-{host}");

    /// <summary>Pulls a host's cable: nothing gets in or out.</summary>
    public Task UnplugAsync(int host) => IpAsync("-n", _name, "link", "set", PortOf(host), "down");

    public Task PlugInAsync(int host) => IpAsync("-n", _name, "link", "set", PortOf(host), "up");

    /// <summary>All that one host sends to another is lost; the other way goes on.</summary>
    public Task CutAsync(int from, int to) =>
        IpAsync("-n", NamespaceOf(from), "neighbour", "replace", AddressOf(to), "lladdr", Nobody, "dev", "eth0", "nud", "permanent");

    public Task MendAsync(int from, int to) => IpAsync("-n", NamespaceOf(from), "neighbour", "delete", AddressOf(to), "dev", "eth0");

    /// <summary>A host gets no more than so much in a second: what is too much for it waits, and is lost where too much waits, as before a thin line.</summary>
    public Task LimitAsync(int host, int bytesPerSecond) => TcAsync(
        "add", host, "tbf", "rate", string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond}bps"), "burst", "32kb", "latency", "200ms");

    public Task EndLimitAsync(int host) => TcAsync("delete", host);

    public async ValueTask DisposeAsync()
    {
        await RemoveAsync();
        await _claim.DisposeAsync();
    }

    /// <summary>The first number that no living process has.</summary>
    private static PrivateNetwork Claim()
    {
        Directory.CreateDirectory(Claims);
        for (var number = 0; number < NetworksMax; number++)
        {
            try
            {
                var file = Path.Combine(Claims, number.ToString(CultureInfo.InvariantCulture));
                return new PrivateNetwork(number, new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException)
            {
                // It is another one's, in this process or elsewhere.
            }
        }

        throw new InvalidOperationException($"All {NetworksMax} networks are taken: see {Claims}.");
    }

    private static string PortOf(int host) => string.Create(CultureInfo.InvariantCulture, $"host{host}");

    /// <summary>At the bridge's end of the host's cable: what goes through there is on its way to the host.</summary>
    private Task TcAsync(string verb, int host, params string[] limit) => RunAsync("tc", ["-n", _name, "qdisc", verb, "dev", PortOf(host), "root", .. limit]);

    private static Task IpAsync(params string[] arguments) => RunAsync("ip", arguments);

    private static async Task RunAsync(string program, string[] arguments)
    {
        var result = await ChildProcess.RunAsync(program, arguments);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {result.StandardError.Trim()}");
    }

    private static string? Try(Func<Task> tryAsync)
    {
        if (!OperatingSystem.IsLinux())
            return "network namespaces are Linux only";
        if (Environment.UserName != "root")
            return "network namespaces need root";

        try
        {
            tryAsync().GetAwaiter().GetResult();
            return null;
        }
        catch (Win32Exception)
        {
            return "ip or tc is not installed (Debian: apt-get install iproute2)";
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return $"no network can be made here: {error.Message}";
        }
    }

    private static async Task TryAsync()
    {
        const int TimedOut = 124;
        await using var network = await CreateAsync(hosts: 1);
        var there = network.NamespaceOf(1);
        await IpAsync("netns", "exec", there, "true");

        // Nobody listens there; that it is refused is an answer.
        var connected = await ChildProcess.RunAsync("ip", ["netns", "exec", there, "timeout", "30", "bash", "-c", $"exec 3<>/dev/tcp/{network.Address}/9"]);
        if (connected.ExitCode == TimedOut)
            throw new InvalidOperationException("this machine takes no connections from it (a firewall?)");
    }

    private static async Task TryLimitAsync()
    {
        await using var network = await CreateAsync(hosts: 1);
        await network.LimitAsync(1, bytesPerSecond: 100_000);
        await network.EndLimitAsync(1);
    }

    private async Task AddBridgeAsync()
    {
        await IpAsync("netns", "add", _name);
        await IpAsync("-n", _name, "link", "add", "bridge", "type", "bridge");
        await IpAsync("-n", _name, "link", "set", "bridge", "up");
        await IpAsync("link", "add", _name, "type", "veth", "peer", "name", "tests", "netns", _name);
        await IpAsync("-n", _name, "link", "set", "tests", "master", "bridge", "up");
        await IpAsync("address", "add", Address + "/24", "dev", _name);
        await IpAsync("link", "set", _name, "up");
    }

    private async Task AddHostAsync(int host)
    {
        var name = NamespaceOf(host);
        await IpAsync("netns", "add", name);
        await IpAsync("-n", _name, "link", "add", PortOf(host), "type", "veth", "peer", "name", "eth0", "netns", name);
        await IpAsync("-n", _name, "link", "set", PortOf(host), "master", "bridge", "up");
        await IpAsync("-n", name, "address", "add", AddressOf(host) + "/24", "dev", "eth0");
        await IpAsync("-n", name, "link", "set", "lo", "up");
        await IpAsync("-n", name, "link", "set", "eth0", "up");
    }

    /// <summary>With the bridge all links go. A process that still runs on a host keeps its namespace, nameless and without a link.</summary>
    private async Task RemoveAsync()
    {
        const string Namespaces = "/run/netns";
        if (Directory.Exists("/sys/class/net/" + _name))
            await IpAsync("link", "delete", _name);
        if (!Directory.Exists(Namespaces))
            return;
        foreach (var name in Directory.GetFiles(Namespaces).Select(file => Path.GetFileName(file)))
        {
            if (name == _name || name.StartsWith(_name + "-", StringComparison.Ordinal))
                await IpAsync("netns", "delete", name);
        }
    }
}
