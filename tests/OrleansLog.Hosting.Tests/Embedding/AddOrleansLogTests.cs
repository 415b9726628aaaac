using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Orleans.Storage;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains;
using OrleansLog.Hosting.Health;
using OrleansLog.Kafka;
using OrleansLog.TestKit;

namespace OrleansLog.Hosting.Tests.Embedding;

public class AddOrleansLogTests
{
    private readonly HostApplicationBuilder _app = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());

    [Fact]
    public void The_section_of_the_app_is_read_and_code_goes_before_it()
    {
        _app.Configuration.AddInMemoryCollection([new("OrleansLog:node.id", "3"), new("OrleansLog:num.partitions", "4")]);
        _app.UseOrleans(silo => silo.UseLocalhostClustering().AddOrleansLog(log => log.Set("num.partitions", "5")));
        using var app = _app.Build();
        var config = app.Services.GetRequiredService<BrokerConfig>();
        Assert.Equal((3, 5), (config.NodeId, config.NumPartitions));
    }

    [Fact]
    public void The_apps_own_storage_stays_and_one_of_the_metadatas_name_is_used_instead_of_ours()
    {
        _app.UseOrleans(silo => silo.UseLocalhostClustering()
            .AddMemoryGrainStorageAsDefault()
            .AddMemoryGrainStorage("orders")
            .AddMemoryGrainStorage(OrleansLogOptions.MetadataStorageName)
            .AddOrleansLog());
        var keys = _app.Services.Where(s => s.ServiceType == typeof(IGrainStorage) && s.IsKeyedService).Select(s => s.ServiceKey).ToArray();
        Assert.Equal(1, keys.Count(key => Equals(key, OrleansLogOptions.MetadataStorageName)));
        Assert.Contains("orders", keys);
    }

    [Fact]
    public async Task An_app_may_host_the_controller_alone_and_is_healthy_once_it_does()
    {
        var ports = FreePorts.Take(2);
        _app.UseOrleans(silo => silo.UseLocalhostClustering(ports[0], ports[1])
            .AddMemoryGrainStorage(OrleansLogOptions.MetadataStorageName)
            .AddOrleansLog(log =>
            {
                log.UseSqliteMetadata = false;
                log.Set("process.roles", "controller").Set("node.id", "7");
            }));
        using var app = _app.Build();
        var status = app.Services.GetRequiredService<NodeStatus>();
        Assert.Equal("controller 7 hears of no active controller", status.NotReadyBecause);

        await app.StartAsync();
        await status.Ready.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(HealthStatus.Healthy, (await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status);
        Assert.NotEmpty(status.ClusterId);
        Assert.Empty(app.Services.GetRequiredService<MetadataCache>().Current.Brokers);
        Assert.Null(app.Services.GetService<IKafkaListeners>());
        await app.StopAsync();
    }

    [Fact]
    public void A_silo_is_one_broker() =>
        Assert.Throws<InvalidOperationException>(() => _app.UseOrleans(silo => silo.AddOrleansLog().AddOrleansLog()));

    [Fact]
    public void A_wrong_setting_stops_the_app_where_it_is_built() =>
        Assert.Throws<OrleansLogConfigurationException>(() => _app.UseOrleans(silo => silo.AddOrleansLog(log => log.Set("num.partitions", "0"))));
}
