// A shop: one Orleans app with a grain and a storage provider of its own, and a broker in the same process.
// dotnet run -c Release --project samples/Embedded [-- --OrleansLog:log.dirs=DIR --OrleansLog:listeners=LIST --CartDirectory=DIR --SiloPort=N --GatewayPort=N]
using Embedded;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansLog.Client;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.UseOrleans(silo => silo
    .UseLocalhostClustering(builder.Configuration.GetValue("SiloPort", 11111), builder.Configuration.GetValue("GatewayPort", 30000))
    .AddCartFiles(builder.Configuration.GetValue("CartDirectory", "./carts")!)
    .AddOrleansLog());
builder.Services.AddOrleansLogClient();
builder.Services.AddLogProducer<string, string>();

using var app = builder.Build();
await app.StartAsync();

var log = app.Services.GetRequiredService<ILogClient>();
if ((await log.Admin.ListTopicsAsync()).All(topic => topic.Name != CartGrain.Topic))
{
    await log.Admin.CreateTopicAsync(CartGrain.Topic, partitions: 2);
}

var grains = app.Services.GetRequiredService<IGrainFactory>();
await grains.GetGrain<ICartGrain>("alice").AddAsync("apples", 3);
await grains.GetGrain<ICartGrain>("bob").AddAsync("bread", 1);
var apples = await grains.GetGrain<ICartGrain>("alice").AddAsync("apples", 2);
Console.WriteLine($"alice has {apples} apples");

await using var consumer = log.CreateConsumer<string, string>();
await consumer.AssignTopicAsync(CartGrain.Topic, StartAt.Beginning);
await foreach (var change in consumer.ReadToEndAsync())
{
    Console.WriteLine($"{change.Topic}-{change.Partition} offset {change.Offset}: {change.Key} {change.Value}");
}

await app.StopAsync();
