using System.CommandLine;
using System.Globalization;
using OrleansLog.Client;
using OrleansLog.Protocol;

namespace OrleansLog.Cli;

/// <summary><c>olog log-dirs</c>: where the brokers keep what, and how much room is left.</summary>
internal static class LogDirsCommand
{
    public static Command Build(CommandContext context)
    {
        var brokers = Numbers.Repeated("--broker", "-b", "Only of this broker; may be repeated. Default: all", "ID");
        var topic = new Option<string?>("--topic", "-t") { Description = "Only the replicas of this topic", HelpName = "TOPIC" };
        var command = new Command("log-dirs", "Show the brokers' log directories, the replicas in them and the room left") { brokers, topic };
        return context.RunConnected(command, (invocation, client) => RunAsync(
            invocation, client.Admin, invocation.Get(brokers), invocation.Get(topic)));
    }

    private static async Task<ExitCode> RunAsync(Invocation invocation, ILogAdmin admin, int[]? wanted, string? topic)
    {
        int[] brokers = wanted is { Length: > 0 }
            ? wanted : [.. (await admin.DescribeClusterAsync(invocation.Cancellation)).Brokers.Select(broker => broker.Id)];
        var documents = new List<LogDirDocument>();
        foreach (var broker in brokers)
        {
            foreach (var directory in await admin.DescribeLogDirsAsync(broker, invocation.Cancellation))
            {
                documents.Add(ToDocument(broker, directory, topic));
            }
        }

        if (invocation.IsJson)
        {
            JsonOutput.Write(invocation.Io, documents, DocumentContext.Default.IReadOnlyListLogDirDocument);
        }
        else
        {
            documents.ForEach(document => Write(invocation.Io, document));
        }

        return ExitCode.Ok;
    }

    private static LogDirDocument ToDocument(int broker, LogDirDescription directory, string? topic) => new(
        broker, directory.Path, directory.DirectoryId == Guid.Empty ? null : Uuid.FromGuid(directory.DirectoryId).ToString(),
        directory.TotalBytes < 0 ? null : directory.TotalBytes, directory.UsableBytes < 0 ? null : directory.UsableBytes,
        directory.Error == ErrorCode.None ? null : Failures.Text(directory.Error, directory.Message),
        [.. directory.Replicas
            .Where(replica => topic is null || replica.Partition.Topic == topic)
            .OrderBy(replica => replica.Partition.Topic, StringComparer.Ordinal).ThenBy(replica => replica.Partition.Partition)
            .Select(replica => new ReplicaDocument(replica.Partition.Topic, replica.Partition.Partition, replica.SizeBytes, replica.LogEndOffset < 0 ? null : replica.LogEndOffset))]);

    private static void Write(CliIo io, LogDirDocument document)
    {
        var room = document is { TotalBytes: { } total, UsableBytes: { } usable } ? $"  {Sizes.Format(usable)} free of {Sizes.Format(total)}" : "";
        io.Text.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"broker {document.Broker}  {document.Path}{(document.DirectoryId is null ? "" : $"  id {document.DirectoryId}")}  {(document.Error is null ? "online" : "OFFLINE: " + document.Error)}{room}"));
        var table = new Table("TOPIC", "PARTITION", "SIZE", "BYTES", "LOG END") { OnlyWhereKnown = ["LOG END"] };
        foreach (var replica in document.Replicas)
        {
            table.Add(
                replica.Topic, replica.Partition.ToString(CultureInfo.InvariantCulture), Sizes.Format(replica.SizeBytes),
                replica.SizeBytes.ToString(CultureInfo.InvariantCulture), replica.LogEndOffset?.ToString(CultureInfo.InvariantCulture) ?? "");
        }

        table.WriteTo(io);
    }
}
