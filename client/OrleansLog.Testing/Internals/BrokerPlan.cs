using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansLog.Kafka.Network;

namespace OrleansLog.Testing.Internals;

/// <summary>What stays the same from one start of a broker to the next.</summary>
/// <param name="Options">As the test gave them.</param>
/// <param name="Folder">Its data.</param>
/// <param name="Metadata">The cluster's metadata.</param>
/// <param name="Port">Of its listener.</param>
internal sealed record BrokerPlan(TestBrokerOptions Options, BrokerFolder Folder, MemoryStorage Metadata, PortReservation Port)
{
    /// <summary>The cluster that it is one of; null for a broker that is alone.</summary>
    public ClusterPlace? Cluster { get; init; }

    /// <summary>Settings that the test's own win over.</summary>
    public IEnumerable<KeyValuePair<string, string>> Defaults => Cluster is null ? TestSettings.Defaults : TestSettings.Defaults.Concat(Cluster.Defaults);

    /// <summary>How its silo finds others, if there are any.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="gate">Closed while the broker is paused.</param>
    public void UseClustering(ISiloBuilder silo, TrafficGate gate)
    {
        if (Cluster is null)
        {
            NoSiloNetwork.Replace(silo.Services);
            silo.UseLocalhostClustering(NoSiloNetwork.SiloPort, gatewayPort: 0);
            return;
        }

        silo.Configure<ClusterOptions>(static options => (options.ClusterId, options.ServiceId) = ("test", "test"));
        silo.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = IPAddress.Loopback;
            options.SiloPort = Cluster.SiloPort.Port;
            options.GatewayPort = 0;
        });

        // A silo that ends breaks its connections, and that is told at once; a busy machine must not look like a dead silo.
        silo.Configure<ClusterMembershipOptions>(static options =>
        {
            options.ProbeTimeout = TimeSpan.FromSeconds(10);
            options.NumMissedProbesLimit = 6;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(1);
        });
        silo.Configure<SiloConnectionOptions>(options =>
        {
            options.ConfigureSiloInboundConnection(connection => PausableConnections.Add(connection, gate));
            options.ConfigureSiloOutboundConnection(connection => PausableConnections.Add(connection, gate));
        });
        silo.Services.AddSingleton<IMembershipTable>(new PausableMembership(Cluster.Silos.Membership, gate));
    }
}

/// <summary>A broker's place among others.</summary>
/// <param name="NodeId">Its <c>node.id</c>.</param>
/// <param name="Brokers">How many there are.</param>
/// <param name="SiloPort">Of its silo.</param>
/// <param name="Silos">Those of all of them.</param>
internal sealed record ClusterPlace(int NodeId, int Brokers, PortReservation SiloPort, ClusterSilos Silos)
{
    public IEnumerable<KeyValuePair<string, string>> Defaults
    {
        get
        {
            var replicas = Math.Min(3, Brokers).ToString(CultureInfo.InvariantCulture);
            return
            [
                new("node.id", NodeId.ToString(CultureInfo.InvariantCulture)),
                new("default.replication.factor", replicas),
                new("offsets.topic.replication.factor", replicas),
                new("min.insync.replicas", Math.Min(2, Brokers).ToString(CultureInfo.InvariantCulture)),
            ];
        }
    }
}
