// The reference for start time and resident memory: an Orleans silo that does nothing, on the same web SDK as ours.
using System.Globalization;

var siloPort = int.Parse(args[0], CultureInfo.InvariantCulture);
var gatewayPort = int.Parse(args[1], CultureInfo.InvariantCulture);

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
builder.UseOrleans(silo => silo.UseLocalhostClustering(siloPort, gatewayPort));
using var host = builder.Build();
await host.StartAsync();
Console.WriteLine("ready");
await host.WaitForShutdownAsync();
