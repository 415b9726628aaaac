using System.CommandLine;
using System.Globalization;
using OrleansLog.Client;

namespace OrleansLog.Cli;

/// <summary><c>olog broker list</c>.</summary>
internal static class BrokerCommand
{
    public static Command Build(CommandContext context) => new("broker", "Look at the brokers")
    {
        context.RunConnected(new Command("list", "List the brokers, those that are away too, with what they lead, hold, and have out of sync"), ListAsync),
    };

    private static async Task<ExitCode> ListAsync(Invocation invocation, ILogClient client)
    {
        var brokers = (await ClusterPicture.ReadAsync(client.Admin, invocation.Cancellation)).Brokers;
        if (invocation.IsJson)
        {
            JsonOutput.Write(invocation.Io, [.. brokers.Select(static broker => broker.ToDocument())], DocumentContext.Default.IReadOnlyListBrokerLoadDocument);
            return ExitCode.Ok;
        }

        var table = new Table("BROKER", "STATE", "ROLE", "LISTENER", "RACK", "LEADERS", "REPLICAS", "OUT-OF-SYNC") { OnlyWhereKnown = ["RACK"] };
        foreach (var broker in brokers)
        {
            table.Add(
                Text(broker.Id), broker.State, broker.IsController ? "controller" : "broker", broker.Listener ?? "", broker.Rack ?? "",
                Text(broker.Leaders), Text(broker.Replicas), Text(broker.OutOfSync));
        }

        table.WriteTo(invocation.Io);
        return ExitCode.Ok;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
