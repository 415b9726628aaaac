using OrleansLog.Client;

namespace OrleansLog.Cluster.Tests.Brokers;

/// <summary>
/// A replicated topic of three partitions under load, and the broker that is to be cut off. One producer writes to all partitions; another one, whose
/// client asks that broker for as long as it answers, writes to some.
/// </summary>
internal sealed class CutScene : IAsyncDisposable
{
    /// <summary>First number of the values of a second producer.</summary>
    public const long FirstOfSecond = 1_000_000_000;

    private const int Records = 500;

    private readonly ThreeBrokers _cluster;
    private readonly string _topic;
    private readonly ILogClient _there;
    private readonly Load _load;
    private readonly Load _loadThere;

    private CutScene(ThreeBrokers cluster, string topic, int victim, ILogClient client, ILogClient there, IEnumerable<int> partitionsThere)
    {
        (_cluster, _topic, Victim, Client, _there) = (cluster, topic, victim, client, there);
        _load = Load.Start(client, topic, Partitions, 0, Load.Patient());
        _loadThere = Load.Start(there, topic, partitionsThere, FirstOfSecond, Load.Patient());
    }

    public static IReadOnlyList<int> Partitions { get; } = [0, 1, 2];

    public int Victim { get; }

    public ILogClient Client { get; }

    /// <summary>Of a leader beside the controller; the second producer writes to what it leads.</summary>
    public static async Task<CutScene> OfLeaderAsync(ThreeBrokers cluster, string topic)
    {
        var client = await CreateAsync(cluster, topic);
        var controller = (await client.Admin.DescribeClusterAsync()).ControllerId;
        var victim = (await client.Admin.DescribeTopicAsync(topic)).Partitions.First(partition => partition.LeaderId != controller).LeaderId;
        return new CutScene(cluster, topic, victim, client, await cluster.ConnectAsync(victim), await client.LedByAsync(topic, victim));
    }

    /// <summary>Of the controller's broker.</summary>
    /// <param name="cluster">The brokers.</param>
    /// <param name="topic">The topic to create.</param>
    /// <param name="isAllWritten">Whether the second producer writes to all partitions; if not, to what that broker leads.</param>
    public static async Task<CutScene> OfControllerAsync(ThreeBrokers cluster, string topic, bool isAllWritten)
    {
        var client = await CreateAsync(cluster, topic);
        var victim = (await client.Admin.DescribeClusterAsync()).ControllerId;
        return new CutScene(cluster, topic, victim, client, await cluster.ConnectAsync(victim), isAllWritten ? Partitions : await client.LedByAsync(topic, victim));
    }

    /// <summary>Completes when each producer has had more records acknowledged.</summary>
    public async Task AcknowledgedAsync()
    {
        await _load.AcknowledgedAsync(Records);
        await _loadThere.AcknowledgedAsync(Records);
    }

    /// <summary>Completes when others lead all partitions, and each producer has found them.</summary>
    public async Task LedByOthersAsync()
    {
        await Client.UntilAsync(_topic, partition => partition.LeaderId >= 0 && partition.LeaderId != Victim);
        await AcknowledgedAsync();
    }

    /// <summary>Each producer has an answer for every record, and each acknowledged one is there.</summary>
    public async Task AssertWholeAsync() => await _cluster.AssertWholeAsync(Client, _topic, await Replicas.FinishAsync(_load, _loadThere));

    public async ValueTask DisposeAsync()
    {
        await _load.DisposeAsync();
        await _loadThere.DisposeAsync();
        await _there.DisposeAsync();
        await Client.DisposeAsync();
    }

    private static async Task<ILogClient> CreateAsync(ThreeBrokers cluster, string topic)
    {
        var client = await cluster.ConnectAsync();
        await client.CreateReplicatedAsync(topic, Partitions.Count);
        return client;
    }
}
