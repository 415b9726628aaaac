using OrleansLog.Client;
using OrleansLog.Testing.Internals;

namespace OrleansLog.Testing;

/// <summary>
/// Several real brokers in the test's process that are one cluster: replicas, in-sync replicas, leaders that change when a broker is killed or paused. Each is a
/// <see cref="TestBroker"/>; what they know of each other is kept in memory, without a database.
/// </summary>
/// <remarks>
/// Thread-safe, except that one caller at a time starts, stops and disposes. Topics get a replica on each of three brokers unless they ask for fewer, and acks=all
/// waits for two (<c>min.insync.replicas</c>).
/// </remarks>
/// <example>
/// <code>
/// await using var cluster = await TestCluster.StartAsync(brokers: 3);
/// await cluster.CreateTopicAsync("orders", partitions: 3);
/// // start the code under test with cluster.BootstrapServers
/// await cluster[await cluster.LeaderOfAsync("orders", 0)].KillAsync();
/// </code>
/// </example>
public sealed class TestCluster : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private readonly TestBroker[] _brokers;

    private TestCluster(int brokers, TestBrokerOptions options)
    {
        var metadata = new MemoryStorage();
        var silos = new ClusterSilos(new MemoryMembership());
        _brokers = [.. Enumerable.Range(1, brokers).Select(id => TestBroker.Plan(
            options, metadata, new ClusterPlace(id, brokers, PortReservation.Take(), silos)))];
    }

    /// <summary>The most brokers that a cluster can have here.</summary>
    public const int BrokersMost = 16;

    /// <summary>How many brokers there are, running or not; their ids are 1 to this.</summary>
    public int Count => _brokers.Length;

    /// <summary>Where clients connect: the addresses of all brokers, separated by commas, also of those that do not run.</summary>
    public string BootstrapServers => string.Join(',', _brokers.Select(static broker => broker.BootstrapServers));

    /// <summary>A broker by its <c>node.id</c>: stop it, kill it, start it again, pause it, look into its data.</summary>
    /// <param name="id">1 to <see cref="Count"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such broker.</exception>
    public TestBroker this[int id]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(id, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(id, Count);
            return _brokers[id - 1];
        }
    }

    /// <summary>Starts a cluster, ready for clients.</summary>
    /// <param name="brokers">How many, 1 to <see cref="BrokersMost"/>.</param>
    /// <param name="options">Settings of each of them; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such number of brokers, or of <see cref="TestBrokerOptions.MinPoolThreads"/>.</exception>
    /// <exception cref="Hosting.OrleansLogConfigurationException">A setting cannot be used.</exception>
    /// <exception cref="TimeoutException">It did not start in time.</exception>
    public static async Task<TestCluster> StartAsync(int brokers = 3, TestBrokerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(brokers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(brokers, BrokersMost);
        options ??= new TestBrokerOptions();
        PoolThreads.RaiseMinimum(options);
        var cluster = new TestCluster(brokers, options);
        try
        {
            await Task.WhenAll(cluster._brokers.Select(broker => broker.StartAgainAsync(cancellationToken))).ConfigureAwait(false);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts a cluster with settings by Kafka's names, the same for each broker.</summary>
    /// <param name="brokers">How many, 1 to <see cref="BrokersMost"/>.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such number of brokers, or of <see cref="TestBrokerOptions.MinPoolThreads"/>.</exception>
    /// <exception cref="Hosting.OrleansLogConfigurationException">A setting cannot be used.</exception>
    /// <exception cref="TimeoutException">It did not start in time.</exception>
    public static Task<TestCluster> StartAsync(int brokers, Action<TestBrokerOptions> configure, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new TestBrokerOptions();
        configure(options);
        return StartAsync(brokers, options, cancellationToken);
    }

    /// <summary>Creates a topic; when it returns, clients see it.</summary>
    /// <param name="name">Topic name: 1 to 249 characters of <c>[a-zA-Z0-9._-]</c>.</param>
    /// <param name="partitions">Number of partitions.</param>
    /// <param name="replicationFactor">Replicas of each partition; -1 for one on each of at most three brokers.</param>
    /// <param name="configs">Topic configuration, such as <c>min.insync.replicas</c>; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TopicAlreadyExistsException">A topic of that name exists.</exception>
    /// <exception cref="LogException">The name, a number or a configuration is refused; the message says why.</exception>
    public async Task CreateTopicAsync(
        string name, int partitions = 1, short replicationFactor = -1, IReadOnlyDictionary<string, string>? configs = null, CancellationToken cancellationToken = default)
    {
        await using var client = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        await client.Admin.CreateTopicAsync(name, partitions, replicationFactor, configs, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The typed SDK on this cluster, over sockets: it goes on when brokers go and come.</summary>
    /// <exception cref="LogException">No broker answers.</exception>
    public async Task<ILogClient> ConnectAsync(CancellationToken cancellationToken = default) => await LogClient.ConnectAsync(
        new LogClientOptions { BootstrapServers = [.. _brokers.OrderBy(static broker => broker.IsPaused).Select(static broker => broker.BootstrapServers)] }, cancellationToken).ConfigureAwait(false);

    /// <summary>The id of the broker that leads a partition, or -1 where none does now.</summary>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The topic has no such partition.</exception>
    public async Task<int> LeaderOfAsync(string topic, int partition, CancellationToken cancellationToken = default)
    {
        await using var client = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        var description = await client.Admin.DescribeTopicAsync(topic, cancellationToken).ConfigureAwait(false);
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, description.Partitions.Length);
        return description.Partitions[partition].LeaderId;
    }

    /// <summary>Completes when all replicas of a topic are in sync again: wait for this between the kill of one broker and that of the next.</summary>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    public async Task WaitUntilInSyncAsync(string topic, CancellationToken cancellationToken = default)
    {
        await using var client = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        using var pause = new PeriodicTimer(LookInterval);
        while (!(await client.Admin.DescribeTopicAsync(topic, cancellationToken).ConfigureAwait(false)).Partitions
            .All(static partition => partition.LeaderId >= 0 && partition.Isr.Length == partition.Replicas.Length))
        {
            await pause.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops all brokers and deletes their data.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_brokers.Select(static broker => broker.DisposeAsync().AsTask())).ConfigureAwait(false);
}
