using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansLog.Grains;
using OrleansLog.Hosting;
using OrleansLog.Kafka;
using OrleansLog.Kafka.Network;

namespace OrleansLog.Testing.Internals;

/// <summary>One start of a test broker: a host with a silo of its own.</summary>
internal sealed class BrokerInstance : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    private readonly BrokerPlan _plan;
    private readonly TrafficGate _gate = new();
    private readonly IHost _host;
    private readonly Lock _ending = new();
    private CancellationTokenSource _pause = new();
    private Task _judging = Task.CompletedTask;
    private volatile Task? _ended;
    private volatile bool _isPaused;

    private BrokerInstance(BrokerPlan plan)
    {
        _plan = plan;
        _host = Build(plan, _gate);
        Silo = Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        Metadata = Services.GetRequiredService<MetadataCache>();
        Membership = Services.GetRequiredService<IClusterMembershipService>();
        Verdict = Services.GetRequiredService<SiloVerdict>();
    }

    public IServiceProvider Services => _host.Services;

    public string BootstrapServers => string.Join(
        ',', Services.GetRequiredService<IKafkaListeners>().Bound.Select(listener => $"{listener.AdvertisedHost}:{listener.AdvertisedPort}"));

    /// <summary>The address of its silo, another one after each start.</summary>
    public SiloAddress Silo { get; }

    /// <summary>What it knows of the cluster.</summary>
    public MetadataCache Metadata { get; }

    /// <summary>What its silo knows of the others.</summary>
    public IClusterMembershipService Membership { get; }

    /// <summary>Whether it is alive and silent.</summary>
    public bool IsPaused => _isPaused;

    /// <summary>Whether it has ended, or is about to: it was stopped, or learned that its silo was taken for dead.</summary>
    public bool HasEnded => Verdict.Heard.IsCompleted || _ended is not null;

    private SiloVerdict Verdict { get; }

    public static async Task<BrokerInstance> StartAsync(BrokerPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Cluster is { } cluster)
            await cluster.Silos.DeclarePausedDeadAsync(cancellationToken).ConfigureAwait(false);

        var (options, port) = (plan.Options, plan.Port);
        var instance = new BrokerInstance(plan);
        try
        {
            await WithinAsync(
                options.StartTimeoutMs, "did not start",
                async limit =>
                {
                    await instance._host.StartAsync(limit).ConfigureAwait(false);
                    await instance.Services.GetRequiredService<BrokerSession>().Unfenced.WaitAsync(limit).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
            if (port.Port == 0 && instance.Services.GetRequiredService<IKafkaListeners>().Bound is [{ } first, ..])
                port.Port = first.Bound.Port;

            plan.Cluster?.Silos.Add(instance);
            _ = instance.EndWhenDeclaredDeadAsync();
            return instance;
        }
        catch
        {
            await instance.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Alive and silent from now on.</summary>
    public void Pause()
    {
        _gate.Close();
        _isPaused = true;
        _pause.Dispose();
        _pause = new CancellationTokenSource();
        if (_plan.Cluster is { } cluster)
            _judging = cluster.Silos.JudgeAsync(this, TimeSpan.FromMilliseconds(_plan.Options.PausedSiloDeadAfterMs), _pause.Token);
    }

    /// <summary>Goes on, until it takes part in the cluster again; false when it cannot, because the others have taken its silo for dead.</summary>
    /// <exception cref="TimeoutException">It did not take part again in time.</exception>
    public async Task<bool> TryResumeAsync(CancellationToken cancellationToken)
    {
        await EndJudgingAsync().ConfigureAwait(false);
        if (_plan.Cluster is { } cluster && cluster.Silos.Membership.IsDead(Silo))
            return false;

        var newest = _plan.Cluster?.Silos.NewestVersion ?? -1;
        _isPaused = false;
        _gate.Open();
        await WithinAsync(
            _plan.Options.StartTimeoutMs, "did not take part again after its pause",
            limit => Task.WhenAny(TakesPartAsync(newest, limit), Verdict.Heard).Unwrap(),
            cancellationToken).ConfigureAwait(false);
        return !HasEnded;
    }

    /// <summary>Stops as an operator stops it; one that is paused cannot, and is killed.</summary>
    public Task StopAsync() => EndAsync(isKilled: IsPaused);

    public Task KillAsync() => EndAsync(isKilled: true);

    public async ValueTask DisposeAsync()
    {
        await EndJudgingAsync().ConfigureAwait(false);
        _plan.Cluster?.Silos.Remove(this);
        await ((IAsyncDisposable)_host).DisposeAsync().ConfigureAwait(false);
        _pause.Dispose();
    }

    private static async Task WithinAsync(int timeoutMs, string failure, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeoutMs);
        try
        {
            await work(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The test broker {failure} within {timeoutMs} ms (TestBrokerOptions.StartTimeoutMs).");
        }
    }

    /// <summary>Completes when it knows what the others knew, and by that the controller lets it lead: where it was fenced, it is no longer.</summary>
    private async Task TakesPartAsync(long version, CancellationToken cancellationToken)
    {
        var (metadata, session) = (Metadata, Services.GetRequiredService<BrokerSession>());
        var id = Services.GetRequiredService<BrokerHost>().BrokerId;
        var image = await metadata.WaitForVersionAsync(version, cancellationToken).ConfigureAwait(false);
        while (image.FindBroker(id) is not { Fenced: false } self || self.Epoch != session.BrokerEpoch)
            image = await metadata.WaitForVersionAsync(image.Version + 1, cancellationToken).ConfigureAwait(false);
    }

    private async Task EndJudgingAsync()
    {
        await _pause.CancelAsync().ConfigureAwait(false);
        await _judging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>As the process would.</summary>
    private async Task EndWhenDeclaredDeadAsync()
    {
        await Verdict.Heard.ConfigureAwait(false);
        await KillAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Task EndAsync(bool isKilled)
    {
        lock (_ending)
            return _ended ??= Task.Run(() => EndNowAsync(isKilled));
    }

    private Task EndNowAsync(bool isKilled)
    {
        if (IsPaused)
            _gate.CloseForGood();

        return _host.StopAsync(new CancellationToken(canceled: isKilled));
    }

    private static IHost Build(BrokerPlan plan, TrafficGate gate)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, NoHostLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        builder.Logging.ClearProviders();
        if (plan.Options.LoggerFactory is { } factory)
            builder.Services.AddSingleton<ILoggerFactory>(new SharedLoggerFactory(factory));

        builder.UseOrleans(silo =>
        {
            plan.UseClustering(silo, gate);
            silo.Services.AddSingleton(gate);
            silo.Services.AddSingleton<TimeProvider>(new PausableTime(gate));
            silo.Services.AddSingleton<SiloVerdict>();
            silo.Services.AddSingleton<IFatalErrorHandler>(static services => services.GetRequiredService<SiloVerdict>());
            silo.Services.AddKeyedSingleton<IGrainStorage>(OrleansLogOptions.MetadataStorageName, new PausableStorage(plan.Metadata, gate));
            silo.AddOrleansLog(log =>
            {
                log.DataDirectories.Add(plan.Folder.Path);
                log.Set("listeners", $"PLAINTEXT://127.0.0.1:{plan.Port.Port}");
                foreach (var (key, value) in plan.Defaults.Concat(plan.Options.Settings))
                    log.Set(key, value);
            });
        });
        return builder.Build();
    }
}
