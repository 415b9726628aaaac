using System.Globalization;
using OrleansLog.Core.Configuration;
using OrleansLog.Kafka;

namespace OrleansLog.Silo;

/// <summary>What a person sees when the broker is up: where it listens, and what to type next.</summary>
internal static class Banner
{
    private const int DefaultKafkaPort = 9092;

    private static readonly string CliProject = Path.Combine("client", "OrleansLog.Cli");
    private static readonly string BuiltCli = Path.Combine(CliProject, "bin", "Release", "net10.0", OperatingSystem.IsWindows() ? "olog.exe" : "olog");

    public static void Write(TextWriter output, IServiceProvider services, TimeSpan sinceStart)
    {
        var config = services.GetRequiredService<BrokerConfig>();
        var endpoints = services.GetRequiredService<Endpoints>();
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"OrleansLog {(config.IsBroker ? "broker" : "controller")} {config.NodeId} is ready after {sinceStart.TotalSeconds:0.0} s.");
        var listeners = config.IsBroker ? services.GetRequiredService<IKafkaListeners>().Bound : [];
        if (listeners.Count > 0)
        {
            text.WriteLine($"  kafka      {string.Join(", ", listeners.Select(one => $"{one.Name}://{one.Bound}"))}");
        }

        if (config.IsBroker)
        {
            text.WriteLine($"  gateway    {endpoints.Listen}:{endpoints.GatewayPort}");
        }

        text.WriteLine($"  silos      {endpoints.Listen}:{endpoints.SiloPort}");
        if (endpoints.Http is not null)
        {
            text.WriteLine($"  http       http://{endpoints.Http}/");
        }

        if (config.IsBroker)
        {
            var olog = Olog(endpoints.GatewayPort, listeners);
            text.WriteLine($"  data       {string.Join(", ", config.LogDirs.Select(Path.GetFullPath))}");
            text.WriteLine("Next, in another terminal:");
            if (IsClone && !File.Exists(BuiltCli))
            {
                text.WriteLine($"  dotnet build -c Release {CliProject}");
            }

            text.WriteLine($"  {olog} topic create lines --partitions 1");
            text.WriteLine($"  echo hello | {olog} produce lines");
        }
        else
        {
            text.WriteLine("It may host the controller, and serves no data: clients connect to the brokers.");
        }

        text.Write("Ctrl-C stops it.");
        output.WriteLine(text.ToString());
        output.Flush();
    }

    /// <summary>Whether it was started in a clone of the repository, where nobody has installed olog.</summary>
    private static bool IsClone => File.Exists(Path.Combine(CliProject, "OrleansLog.Cli.csproj"));

    /// <summary>The command that reaches this broker: without an option where it listens at its default place.</summary>
    private static string Olog(int gatewayPort, IReadOnlyList<ListenerEndpoint> listeners)
    {
        var command = IsClone ? BuiltCli : "olog";
        return listeners is not [var first, ..] ? $"{command} --gateway 127.0.0.1:{gatewayPort}"
            : first.AdvertisedPort == DefaultKafkaPort ? command
            : $"{command} --bootstrap-server {first.AdvertisedHost}:{first.AdvertisedPort}";
    }
}
