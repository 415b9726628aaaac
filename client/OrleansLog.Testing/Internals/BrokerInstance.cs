using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansLog.Grains;
using OrleansLog.Hosting;
using OrleansLog.Kafka;

namespace OrleansLog.Testing.Internals;

/// <summary>One start of a test broker: a host with a silo of its own.</summary>
internal sealed class BrokerInstance : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    private readonly IHost _host;

    private BrokerInstance(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public string BootstrapServers => string.Join(
        ',', Services.GetRequiredService<IKafkaListeners>().Bound.Select(listener => $"{listener.AdvertisedHost}:{listener.AdvertisedPort}"));

    public static async Task<BrokerInstance> StartAsync(BrokerPlan plan, CancellationToken cancellationToken)
    {
        var (options, port) = (plan.Options, plan.Port);
        var instance = new BrokerInstance(Build(plan));
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(options.StartTimeoutMs);
            try
            {
                await instance._host.StartAsync(limit.Token).ConfigureAwait(false);
                await instance.Services.GetRequiredService<BrokerSession>().Unfenced.WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"The test broker did not start within {options.StartTimeoutMs} ms (TestBrokerOptions.StartTimeoutMs).");
            }

            if (port.Port == 0 && instance.Services.GetRequiredService<IKafkaListeners>().Bound is [{ } first, ..])
                port.Port = first.Bound.Port;

            return instance;
        }
        catch
        {
            await instance.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Task StopAsync() => _host.StopAsync();

    public Task KillAsync() => _host.StopAsync(new CancellationToken(canceled: true));

    public ValueTask DisposeAsync() => ((IAsyncDisposable)_host).DisposeAsync();

    private static IHost Build(BrokerPlan plan)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, NoHostLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        builder.Logging.ClearProviders();
        if (plan.Options.LoggerFactory is { } factory)
            builder.Services.AddSingleton<ILoggerFactory>(new SharedLoggerFactory(factory));

        builder.UseOrleans(silo =>
        {
            plan.UseClustering(silo);
            silo.Services.AddKeyedSingleton<IGrainStorage>(OrleansLogOptions.MetadataStorageName, plan.Metadata);
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
