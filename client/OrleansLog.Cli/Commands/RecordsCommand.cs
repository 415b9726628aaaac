using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OrleansLog.Client;
using OrleansLog.Protocol;

namespace OrleansLog.Cli;

/// <summary><c>olog records delete TOPIC</c>: moves log start offsets.</summary>
internal static class RecordsCommand
{
    private const long HighWatermark = -1;

    public static Command Build(CommandContext context) => new("records", "Delete records")
    {
        Delete(context),
    };

    private static Command Delete(CommandContext context)
    {
        var topic = new Argument<string>("TOPIC") { Description = "Topic name" };
        var before = new Option<string>("--before", "-b")
        {
            Description = "Delete what lies before this offset; 'end' for everything there is",
            HelpName = "OFFSET|end",
            Required = true,
        };
        before.Validators.Add(result => Check(result));
        var partitions = Numbers.Repeated("--partition", "-p", "Only of this partition; may be repeated. Default: all");
        var command = new Command("delete", "Delete the records before an offset: the partition then begins there") { topic, before, partitions };
        return context.RunDestructive(
            command,
            (invocation, client) => PlanAsync(invocation, client.Admin, invocation.Get(topic), OffsetOf(invocation.Get(before))!.Value, invocation.Get(partitions)),
            (invocation, client) => RunAsync(invocation, client.Admin, invocation.Get(topic), OffsetOf(invocation.Get(before))!.Value, invocation.Get(partitions)));
    }

    private static void Check(OptionResult result)
    {
        if (result.Tokens is [var token, ..] && OffsetOf(token.Value) is null)
        {
            result.AddError($"--before: '{token.Value}' is no offset and not 'end'");
        }
    }

    private static long? OffsetOf(string text) => text == "end" ? HighWatermark
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : null;

    private static async Task<IReadOnlyList<string>> PlanAsync(Invocation invocation, ILogAdmin admin, string topic, long before, int[]? wanted)
    {
        var partitions = await PartitionSelection.ResolveAsync(admin, topic, wanted, invocation.Cancellation);
        var until = before == HighWatermark ? "all records" : string.Create(CultureInfo.InvariantCulture, $"the records before offset {before}");
        return Array.ConvertAll(partitions, partition => $"delete {until} of {partition}");
    }

    private static async Task<ExitCode> RunAsync(Invocation invocation, ILogAdmin admin, string topic, long before, int[]? wanted)
    {
        var partitions = await PartitionSelection.ResolveAsync(admin, topic, wanted, invocation.Cancellation);
        var results = await admin.DeleteRecordsAsync(partitions.Select(partition => new DeleteRecordsQuery(partition, before)), invocation.Cancellation);
        var documents = partitions.Select((partition, i) => new DeletedRecordsDocument(
            topic, partition.Partition, results[i].LogStartOffset,
            results[i].Error == ErrorCode.None ? null : results[i].Error.KafkaName())).ToArray();
        if (invocation.IsJson)
        {
            JsonOutput.Write(invocation.Io, documents, DocumentContext.Default.IReadOnlyListDeletedRecordsDocument);
        }
        else
        {
            var table = new Table("PARTITION", "EARLIEST", "RESULT");
            foreach (var document in documents)
            {
                table.Add(
                    document.Partition.ToString(CultureInfo.InvariantCulture),
                    document.Error is null ? document.LogStartOffset.ToString(CultureInfo.InvariantCulture) : "", document.Error ?? "ok");
            }

            table.WriteTo(invocation.Io);
        }

        var failed = Array.FindIndex([.. results], result => result.Error != ErrorCode.None);
        return failed < 0 ? ExitCode.Ok : throw Failures.Exception(results[failed].Error, null, $"delete records of {partitions[failed]}");
    }
}
