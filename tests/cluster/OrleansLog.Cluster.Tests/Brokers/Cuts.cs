using OrleansLog.Client;
using OrleansLog.TestKit.Processes;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>A test of three silos on a network whose links can be cut; skipped, with the reason, where one of both cannot be had.</summary>
public sealed class NetworkFactAttribute : FactAttribute
{
    public NetworkFactAttribute() => Skip = (PostgresServer.Unavailable ?? PrivateNetwork.Unavailable)!;
}

/// <summary>Three brokers, each a host of its own.</summary>
public class NetworkedBrokers : SharedBrokers
{
    private protected override bool IsAvailable => base.IsAvailable && PrivateNetwork.Unavailable is null;

    private protected override bool InNetwork => true;
}

/// <summary>How a broker is cut off.</summary>
internal enum Cut
{
    /// <summary>From everything: the other brokers, the database and clients.</summary>
    Cable,

    /// <summary>From the other brokers.</summary>
    BothWays,

    /// <summary>What it sends to the other brokers is lost.</summary>
    WhatItSends,

    /// <summary>What the other brokers send to it is lost.</summary>
    WhatItIsSent,
}

/// <summary>What the tests of cut links have in common.</summary>
internal static class Cuts
{
    public static Task CutOffAsync(this ThreeBrokers cluster, int broker, Cut cut) =>
        cut == Cut.Cable ? cluster.Network.UnplugAsync(broker) : EachLinkAsync(broker, cut, cluster.Network.CutAsync);

    public static Task MendAsync(this ThreeBrokers cluster, int broker, Cut cut) =>
        cut == Cut.Cable ? cluster.Network.PlugInAsync(broker) : EachLinkAsync(broker, cut, cluster.Network.MendAsync);

    /// <summary>The partitions that a broker leads.</summary>
    public static async Task<IReadOnlyList<int>> LedByAsync(this ILogClient client, string topic, int broker) =>
        [.. (await client.Admin.DescribeTopicAsync(topic)).Partitions.Where(partition => partition.LeaderId == broker).Select(partition => partition.Partition)];

    private static async Task EachLinkAsync(int broker, Cut cut, Func<int, int, Task> act)
    {
        foreach (var other in ThreeBrokers.Ids.Where(id => id != broker))
        {
            if (cut != Cut.WhatItIsSent)
                await act(broker, other);
            if (cut != Cut.WhatItSends)
                await act(other, broker);
        }
    }
}
