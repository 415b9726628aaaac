using Microsoft.Extensions.DependencyInjection;
using OrleansLog.Client;
using OrleansLog.Testing.Internals;

namespace OrleansLog.Testing;

/// <summary>
/// A real broker in the test's process, for any Kafka client: the same code as the executable, on a free port of loopback, with its
/// data in a folder that is deleted on disposal. Many can run side by side, in one process or in several.
/// </summary>
/// <remarks>Thread-safe, except that one caller at a time starts, stops and disposes.</remarks>
/// <example>
/// <code>
/// await using var broker = await TestBroker.StartAsync();
/// await broker.CreateTopicAsync("orders", partitions: 3);
/// using var producer = new ProducerBuilder&lt;string, string&gt;(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
/// </code>
/// </example>
public sealed class TestBroker : IAsyncDisposable
{
    private readonly BrokerPlan _plan;
    private BrokerInstance? _running;
    private string _bootstrapServers = "";

    private TestBroker(BrokerPlan plan) => _plan = plan;

    /// <summary>Where clients connect: <c>127.0.0.1:port</c>; the same for the broker's whole life, restarts included.</summary>
    public string BootstrapServers => _bootstrapServers;

    /// <summary>True between a start and a stop, also while it is paused; false too when its silo was taken for dead, and it ended for that.</summary>
    public bool IsRunning => _running is { HasEnded: false };

    /// <summary>True between <see cref="PauseAsync"/> and <see cref="ResumeAsync"/>.</summary>
    public bool IsPaused => _running is { HasEnded: false, IsPaused: true };

    /// <summary>The folder with the broker's log directories, in Kafka's file formats; gone after disposal.</summary>
    public string DataDirectory => _plan.Folder.Path;

    /// <summary>The services of the silo that the broker runs in, such as <c>ILogTransport</c> and <c>IGrainFactory</c>; others after a restart.</summary>
    /// <exception cref="InvalidOperationException">The broker is stopped.</exception>
    public IServiceProvider Services => Running.Services;

    private BrokerInstance Running =>
        _running is { HasEnded: false } running ? running : throw new InvalidOperationException("The test broker is stopped; StartAgainAsync() starts it again.");

    /// <summary>Starts a broker, ready for clients.</summary>
    /// <param name="options">Settings; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="Hosting.OrleansLogConfigurationException">A setting cannot be used.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="TestBrokerOptions.MinPoolThreads"/> is below 0 or above 1,000.</exception>
    /// <exception cref="TimeoutException">It did not start in time.</exception>
    /// <remarks>Raises the minimum of the process's thread pool to <see cref="TestBrokerOptions.MinPoolThreads"/>.</remarks>
    public static async Task<TestBroker> StartAsync(TestBrokerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new TestBrokerOptions();
        PoolThreads.RaiseMinimum(options);
        var broker = Plan(options, new MemoryStorage());
        try
        {
            await broker.StartAgainAsync(cancellationToken).ConfigureAwait(false);
            return broker;
        }
        catch
        {
            await broker.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts a broker with settings by Kafka's names.</summary>
    /// <param name="configure">Sets the options.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="Hosting.OrleansLogConfigurationException">A setting cannot be used.</exception>
    /// <exception cref="TimeoutException">It did not start in time.</exception>
    /// <example>
    /// <code>
    /// await using var broker = await TestBroker.StartAsync(options => options.Set("auto.create.topics.enable", "false"));
    /// </code>
    /// </example>
    public static Task<TestBroker> StartAsync(Action<TestBrokerOptions> configure, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new TestBrokerOptions();
        configure(options);
        return StartAsync(options, cancellationToken);
    }

    /// <summary>A broker that is not started yet.</summary>
    internal static TestBroker Plan(TestBrokerOptions options, MemoryStorage metadata, ClusterPlace? cluster = null) =>
        new(new BrokerPlan(options, new BrokerFolder(options.TempPath), metadata, PortReservation.Take()) { Cluster = cluster });

    /// <summary>Creates a topic; when it returns, clients see it.</summary>
    /// <param name="name">Topic name: 1 to 249 characters of <c>[a-zA-Z0-9._-]</c>.</param>
    /// <param name="partitions">Number of partitions.</param>
    /// <param name="configs">Topic configuration, such as <c>cleanup.policy</c>; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TopicAlreadyExistsException">A topic of that name exists.</exception>
    /// <exception cref="LogException">The name, the number or a configuration is refused; the message says why.</exception>
    public async Task CreateTopicAsync(
        string name, int partitions = 1, IReadOnlyDictionary<string, string>? configs = null, CancellationToken cancellationToken = default)
    {
        await using var client = CreateClient();
        await client.Admin.CreateTopicAsync(name, partitions, configs: configs, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The typed SDK on this broker, in the process, without a socket: produce what the code under test reads, and read what it produced.
    /// After a restart take a new one. A pause holds up sockets, and so no such client; what it asks may have to wait for other brokers until the end of the pause.
    /// </summary>
    /// <exception cref="InvalidOperationException">The broker is stopped.</exception>
    public ILogClient CreateClient() => LogClient.Create(
        Services.GetRequiredService<ILogTransport>(), Services.GetRequiredService<IAdminTransport>(),
        groupTransport: Services.GetRequiredService<IGroupTransport>());

    /// <summary>Starts a broker that was stopped or killed: the same address, the same data.</summary>
    /// <exception cref="InvalidOperationException">It runs.</exception>
    /// <exception cref="TimeoutException">It did not start in time.</exception>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        if (IsRunning)
            throw new InvalidOperationException(IsPaused ? "The test broker is paused; ResumeAsync() lets it go on." : "The test broker runs already.");

        await KillAsync().ConfigureAwait(false);
        _running = await BrokerInstance.StartAsync(_plan, cancellationToken).ConfigureAwait(false);
        _bootstrapServers = _running.BootstrapServers;
    }

    /// <summary>
    /// Stops the broker as an operator does: what is in work is answered first. Data stays; does nothing when it is stopped. One that is paused answers
    /// nobody any more: it is killed.
    /// </summary>
    public Task StopAsync() => EndAsync(static instance => instance.StopAsync());

    /// <summary>
    /// Stops the broker without a word to its clients: connections break, requests in work stay unanswered, so that a producer cannot know
    /// whether its records were stored. Data stays.
    /// </summary>
    public Task KillAsync() => EndAsync(static instance => instance.KillAsync());

    /// <summary>
    /// Makes the broker alive and silent, as SIGSTOP makes a process: it answers no client and no other broker, and asks nobody; its connections stay open,
    /// its data stays. What is sent to it waits until <see cref="ResumeAsync"/>. Does nothing when it is paused.
    /// </summary>
    /// <remarks>
    /// The others of a cluster elect new leaders after some two seconds. After ten seconds, or two where it hosts the controller, they take its silo for dead,
    /// as in production; at once when another broker starts meanwhile, for which all silos that are not dead have to answer.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The broker is stopped.</exception>
    /// <example>
    /// <code>
    /// var leader = cluster[await cluster.LeaderOfAsync("orders", 0)];
    /// await leader.PauseAsync();
    /// // see how the code under test goes on with another leader
    /// await leader.ResumeAsync();
    /// await cluster.WaitUntilInSyncAsync("orders");
    /// </code>
    /// </example>
    public Task PauseAsync()
    {
        if (!IsPaused)
            Running.Pause();

        return Task.CompletedTask;
    }

    /// <summary>
    /// Lets a paused broker go on: it gets to what was sent to it, finds out what the cluster has decided without it, and follows. Completes when it takes part
    /// again; <see cref="TestCluster.WaitUntilInSyncAsync"/> waits until its replicas have caught up, too. Does nothing when it is not paused.
    /// </summary>
    /// <remarks>
    /// Where the others have taken its silo for dead, it does what its process would do in production: it ends, and is started again as by a supervisor, at the
    /// same address, with the same data. Its connections break then, and <see cref="Services"/> are others.
    /// </remarks>
    /// <param name="cancellationToken">Ends the wait, or the start.</param>
    /// <exception cref="InvalidOperationException">The broker is stopped.</exception>
    /// <exception cref="TimeoutException">It did not take part again, or start, within <see cref="TestBrokerOptions.StartTimeoutMs"/>.</exception>
    public async Task ResumeAsync(CancellationToken cancellationToken = default)
    {
        var paused = Running;
        if (!paused.IsPaused || await paused.TryResumeAsync(cancellationToken).ConfigureAwait(false))
            return;

        await KillAsync().ConfigureAwait(false);
        await StartAgainAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the broker and starts it again: the same address, the same data.</summary>
    /// <exception cref="TimeoutException">It did not start in time.</exception>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync().ConfigureAwait(false);
        await StartAgainAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the broker and deletes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await KillAsync().ConfigureAwait(false);
        }
        finally
        {
            _plan.Port.Dispose();
            _plan.Cluster?.SiloPort.Dispose();
            await _plan.Folder.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task EndAsync(Func<BrokerInstance, Task> end)
    {
        if (Interlocked.Exchange(ref _running, null) is not { } instance)
            return;

        try
        {
            await end(instance).ConfigureAwait(false);
        }
        finally
        {
            await instance.DisposeAsync().ConfigureAwait(false);
        }
    }
}
