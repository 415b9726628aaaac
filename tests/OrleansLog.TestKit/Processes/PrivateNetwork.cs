using System.ComponentModel;
using System.Globalization;

namespace OrleansLog.TestKit.Processes;

/// <summary>
/// A network for one test: a bridge on which this process has an address, and hosts on it that are network namespaces. Links can be cut while processes
/// run at their ends. What is cut is silent, as a real wire is: packets are lost, and nobody is told.
/// </summary>
public sealed class PrivateNetwork : IAsyncDisposable
{
    /// <summary>Their first host's address ends in this plus one; this process has the first address.</summary>
    private const int BeforeHosts = 10;

    private const int NetworksMax = 256;

    /// <summary>An address of no interface: the bridge carries what is sent there to nobody.</summary>
    private const string Nobody = "02:00:00:00:00:00";

    private static readonly Lazy<string?> Tried = new(Try);

    private readonly FileStream _claim;
    private readonly string _bridge;
    private readonly string _prefix;

    private PrivateNetwork(int number, FileStream claim)
    {
        _claim = claim;
        _bridge = string.Create(CultureInfo.InvariantCulture, $"orleanslog{number}");
        _prefix = string.Create(CultureInfo.InvariantCulture, $"198.18.{number}."); // for tests of networks, by RFC 2544
    }

    /// <summary>Null where networks can be made here, else why not.</summary>
    public static string? Unavailable => Tried.Value;

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
            await IpAsync("link", "add", network._bridge, "type", "bridge");
            await IpAsync("address", "add", network.Address + "/24", "dev", network._bridge);
            await IpAsync("link", "set", network._bridge, "up");
            for (var host = 1; host <= hosts; host++)
                await network.AddAsync(host);

            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public string AddressOf(int host) => _prefix + (BeforeHosts + host).ToString(CultureInfo.InvariantCulture);

    /// <summary>For <c>ip netns exec</c>; also the name of the bridge's end of the host's link.</summary>
    public string NamespaceOf(int host) => string.Create(CultureInfo.InvariantCulture, $"{_bridge}-{host}");

    /// <summary>Pulls a host's cable: nothing gets in or out.</summary>
    public Task UnplugAsync(int host) => IpAsync("link", "set", NamespaceOf(host), "down");

    public Task PlugInAsync(int host) => IpAsync("link", "set", NamespaceOf(host), "up");

    /// <summary>All that one host sends to another is lost; the other way goes on.</summary>
    public Task CutAsync(int from, int to) =>
        IpAsync("-n", NamespaceOf(from), "neighbour", "replace", AddressOf(to), "lladdr", Nobody, "dev", "eth0", "nud", "permanent");

    public Task MendAsync(int from, int to) => IpAsync("-n", NamespaceOf(from), "neighbour", "delete", AddressOf(to), "dev", "eth0");

    public async ValueTask DisposeAsync()
    {
        await RemoveAsync();
        await _claim.DisposeAsync();
    }

    /// <summary>The first number that no living process has, from one on that other processes seldom begin with.</summary>
    private static PrivateNetwork Claim()
    {
        var claims = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "orleanslog-test-networks")).FullName;
        for (var i = 0; i < NetworksMax; i++)
        {
            var number = (Environment.ProcessId + i) % NetworksMax;
            try
            {
                var claim = new FileStream(
                    Path.Combine(claims, number.ToString(CultureInfo.InvariantCulture)), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return new PrivateNetwork(number, claim);
            }
            catch (IOException)
            {
                // It is another one's, in this process or elsewhere.
            }
        }

        throw new InvalidOperationException($"All {NetworksMax} networks are taken: see {claims}.");
    }

    private static async Task IpAsync(params string[] arguments) => (await ChildProcess.RunAsync("ip", arguments)).MustSucceed();

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux())
            return "network namespaces are Linux only";
        if (Environment.UserName != "root")
            return "network namespaces need root";

        try
        {
            TryAsync().GetAwaiter().GetResult();
            return null;
        }
        catch (Win32Exception)
        {
            return "ip is not installed (Debian: apt-get install iproute2)";
        }
        catch (InvalidOperationException error)
        {
            return $"no network can be made here: {error.Message}";
        }
    }

    private static async Task TryAsync()
    {
        await using var network = await CreateAsync(hosts: 1);
        await IpAsync("netns", "exec", network.NamespaceOf(1), "true");
        await network.UnplugAsync(1);
    }

    private async Task AddAsync(int host)
    {
        var name = NamespaceOf(host);
        await IpAsync("netns", "add", name);
        await IpAsync("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name);
        await IpAsync("link", "set", name, "master", _bridge, "up");
        await IpAsync("-n", name, "address", "add", AddressOf(host) + "/24", "dev", "eth0");
        await IpAsync("-n", name, "link", "set", "lo", "up");
        await IpAsync("-n", name, "link", "set", "eth0", "up");
    }

    /// <summary>Links, then namespaces: a process that still runs in one keeps it, nameless and without a link.</summary>
    private async Task RemoveAsync()
    {
        foreach (var link in Ours("/sys/class/net"))
            await IpAsync("link", "delete", link);
        foreach (var name in Ours("/run/netns"))
            await IpAsync("netns", "delete", name);
    }

    private string[] Ours(string folder) => !Directory.Exists(folder) ? [] :
    [
        .. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path))
            .Where(name => name == _bridge || name.StartsWith(_bridge + "-", StringComparison.Ordinal)),
    ];
}
