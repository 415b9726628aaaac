using System.CommandLine;
using System.Globalization;
using OrleansLog.Client;
using OrleansLog.Protocol;

namespace OrleansLog.Cli;

/// <summary><c>olog offsets TOPIC</c>: where each partition begins and ends, or what was written at a time.</summary>
internal static class OffsetsCommand
{
    public static Command Build(CommandContext context)
    {
        var topic = new Argument<string>("TOPIC") { Description = "Topic name" };
        var partitions = Numbers.Repeated("--partition", "-p", "Only this partition; may be repeated");
        var time = new Option<string?>("--at", "-t")
        {
            Description = "The first offset at or after a time: ISO 8601, unix milliseconds, or how long ago (-15m)",
            HelpName = "TIME",
        };
        time.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && Parse(token.Value, context.Io.Time.GetUtcNow()) is null)
            {
                result.AddError($"--at: '{token.Value}' is not a time; write 2026-11-23T14:00:00Z, 1700000000000, or -15m");
            }
        });
        var command = new Command("offsets", "Show the earliest and latest offset of each partition, or the offset of a time") { topic, partitions, time };
        return context.RunConnected(command, (invocation, client) => RunAsync(
            invocation, client.Admin, invocation.Get(topic), invocation.Get(partitions),
            invocation.Get(time) is { } text ? Parse(text, context.Io.Time.GetUtcNow()) : null));
    }

    private static long? Parse(string text, DateTimeOffset now) =>
        StartPosition.TryParse(text, now, out var position, out _) && position.Kind == StartKind.Timestamp ? position.Value : null;

    private static async Task<ExitCode> RunAsync(Invocation invocation, ILogAdmin admin, string topic, int[]? wanted, long? timestampMs)
    {
        var partitions = await PartitionSelection.ResolveAsync(admin, topic, wanted, invocation.Cancellation);
        var documents = timestampMs is { } at
            ? await ReadAtAsync(admin, partitions, at, invocation.Cancellation)
            : await ReadEndsAsync(admin, partitions, invocation.Cancellation);
        if (invocation.IsJson)
        {
            JsonOutput.Write(invocation.Io, documents, DocumentContext.Default.IReadOnlyListOffsetDocument);
        }
        else
        {
            Write(invocation.Io, documents, timestampMs is not null);
        }

        var failed = documents.FirstOrDefault(document => document.Error is not null);
        return failed is null ? ExitCode.Ok : throw new CliException(ExitCode.Error, $"{topic}-{failed.Partition}: {failed.Error}");
    }

    private static async Task<OffsetDocument[]> ReadEndsAsync(ILogAdmin admin, TopicPartition[] partitions, CancellationToken cancellationToken)
    {
        var queries = partitions.Select(partition => new ListOffsetsQuery(partition, OffsetSpec.Earliest))
            .Concat(partitions.Select(partition => new ListOffsetsQuery(partition, OffsetSpec.Latest)));
        var results = await admin.ListOffsetsAsync(queries, cancellationToken: cancellationToken);
        return [.. partitions.Select((partition, i) =>
        {
            var (earliest, latest) = (results[i], results[i + partitions.Length]);
            var error = earliest.Error != ErrorCode.None ? earliest.Error : latest.Error;
            return error == ErrorCode.None
                ? new OffsetDocument(partition.Topic, partition.Partition, earliest.Offset, latest.Offset)
                : new OffsetDocument(partition.Topic, partition.Partition, Error: error.KafkaName());
        })];
    }

    private static async Task<OffsetDocument[]> ReadAtAsync(
        ILogAdmin admin, TopicPartition[] partitions, long timestampMs, CancellationToken cancellationToken)
    {
        var results = await admin.ListOffsetsAsync(
            partitions.Select(partition => new ListOffsetsQuery(partition, timestampMs)), cancellationToken: cancellationToken);
        return [.. partitions.Select((partition, i) => results[i].Error == ErrorCode.None
            ? new OffsetDocument(
                partition.Topic, partition.Partition, Offset: results[i].Offset < 0 ? null : results[i].Offset,
                Timestamp: results[i].Offset < 0 ? null : results[i].TimestampMs)
            : new OffsetDocument(partition.Topic, partition.Partition, Error: results[i].Error.KafkaName()))];
    }

    private static void Write(CliIo io, OffsetDocument[] documents, bool isByTime)
    {
        var table = isByTime ? new Table("PARTITION", "OFFSET", "TIMESTAMP", "DATE") : new Table("PARTITION", "EARLIEST", "LATEST", "RECORDS");
        foreach (var document in documents)
        {
            if (isByTime)
            {
                table.Add(
                    Text(document.Partition), document.Error ?? (document.Offset is null ? "none" : Text(document.Offset)), Text(document.Timestamp),
                    document.Timestamp is { } at ? Timestamps.Format(at) : "");
            }
            else
            {
                table.Add(Text(document.Partition), document.Error ?? Text(document.Earliest), Text(document.Latest), Text(document.Latest - document.Earliest));
            }
        }

        table.WriteTo(io);
    }

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
