using System.CommandLine;
using System.Globalization;
using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary><c>olog cluster describe|status</c>.</summary>
internal static class ClusterCommand
{
    public static Command Build(CommandContext context) => new("cluster", "Look at the cluster")
    {
        context.RunConnected(new Command("describe", "Show the cluster's id, its controller and its brokers"), DescribeAsync),
        Status(context),
    };

    private static Command Status(CommandContext context)
    {
        var problems = Numbers.WithDefault("--problems", "Name at most so many partitions that have a problem, the worst first. Default: 20", 20);
        var watch = Watching.Option();
        var command = new Command(
            "status", "Tell whether all partitions have a leader and all their replicas in sync; if not, which have not, and exit code 8") { problems, watch };
        return context.Run(command, async invocation =>
        {
            await using var run = new StatusRun(invocation, invocation.Get(problems));
            return await run.RunAsync(Watching.PauseOf(invocation, watch));
        });
    }

    private static async Task<ExitCode> DescribeAsync(Invocation invocation, ILogClient client)
    {
        var cluster = await client.Admin.DescribeClusterAsync(includeFencedBrokers: true, invocation.Cancellation);
        var document = new ClusterDocument(
            cluster.ClusterId, cluster.ControllerId, cluster.MetadataVersion < 0 ? null : cluster.MetadataVersion,
            [.. cluster.Brokers.Select(broker => new BrokerDocument(
                broker.Id, broker.Port > 0 ? $"{broker.Host}:{broker.Port}" : null, broker.Rack,
                string.IsNullOrEmpty(broker.SiloAddress) ? null : broker.SiloAddress, broker.Epoch > 0 ? broker.Epoch : null, broker.IsFenced, broker.Id == cluster.ControllerId))]);
        if (invocation.IsJson)
        {
            JsonOutput.Write(invocation.Io, document, DocumentContext.Default.ClusterDocument);
            return ExitCode.Ok;
        }

        invocation.Io.Text.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"cluster {document.ClusterId}  controller {(document.Controller < 0 ? "none" : document.Controller)}{(document.MetadataVersion is { } version ? $"  metadata version {version}" : "")}"));
        var table = new Table("BROKER", "STATE", "ROLE", "LISTENER", "RACK", "SILO", "EPOCH") { OnlyWhereKnown = ["RACK", "SILO", "EPOCH"] };
        foreach (var broker in document.Brokers)
        {
            table.Add(
                broker.Id.ToString(CultureInfo.InvariantCulture), broker.IsFenced ? "fenced" : "up", broker.IsController ? "controller" : "broker",
                broker.Listener ?? "", broker.Rack ?? "", broker.SiloAddress ?? "", broker.Epoch?.ToString(CultureInfo.InvariantCulture) ?? "");
        }

        table.WriteTo(invocation.Io);
        return ExitCode.Ok;
    }
}
