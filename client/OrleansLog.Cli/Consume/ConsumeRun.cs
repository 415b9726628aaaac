using System.Globalization;
using System.Runtime.InteropServices;
using OrleansLog.Client;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary><c>olog consume</c>: from the start positions on, every record to standard output.</summary>
internal sealed class ConsumeRun(Invocation invocation, ConsumeSettings settings, ILogClient client)
{
    private CliIo Io => invocation.Io;

    public async Task<ExitCode> RunAsync()
    {
        if (settings.MaxMessages == 0)
        {
            return ExitCode.Ok;
        }

        var partitions = await PartitionSelection.ResolveAsync(client.Admin, settings.Topic, settings.Partitions, invocation.Cancellation);
        var reset = settings is { Group: not null, From.Kind: StartKind.End } ? AutoOffsetReset.Latest : AutoOffsetReset.Earliest;
        await using var consumer = client.CreateConsumer(
            new ConsumerOptions { AutoOffsetReset = reset }, Serializers.BorrowedMemory, Serializers.BorrowedMemory);
        if (settings.Group is { } group)
        {
            consumer.Subscribe(Subscription.To(settings.Topic), new GroupOptions { GroupId = group, ClientId = "olog" });
            await CopyAsync(consumer);
            await consumer.CommitAsync(invocation.Cancellation); // The last record too, behind which nothing was asked for.
            return ExitCode.Ok;
        }

        if (settings.From.Kind == StartKind.Offset)
        {
            await CheckOffsetAsync(partitions);
        }

        consumer.Assign(partitions, StartOf(settings.From));
        await CopyAsync(consumer);
        return ExitCode.Ok;
    }

    /// <summary>Writes what comes, and flushes before every wait: a reader downstream never waits for a block to fill.</summary>
    private async Task CopyAsync(ILogConsumer<Slice, Slice> consumer)
    {
        using var buffer = new OutputBuffer(Io.Out);
        using var writer = new RecordWriter(buffer, settings.Format, invocation.IsJson, isForTerminal: Io.OutIsTerminal);
        var left = settings.MaxMessages ?? long.MaxValue;
        var records = (settings.ExitsAtEnd ? consumer.ReadToEndAsync(invocation.Cancellation) : consumer.ReadAllAsync(invocation.Cancellation))
            .GetAsyncEnumerator(invocation.Cancellation);
        try
        {
            while (left > 0)
            {
                var next = records.MoveNextAsync();
                if (!next.IsCompleted)
                {
                    buffer.Flush();
                }

                if (!await next)
                {
                    break;
                }

                writer.Write(records.Current);
                left--;
                if (settings.Group is not null)
                {
                    // A record counts as done, and may be committed, when the next one is asked for: it is out by then.
                    buffer.Flush();
                }
            }
        }
        finally
        {
            // Also what was read before an error or a signal.
            buffer.Flush();
            await records.DisposeAsync();
        }
    }

    // An offset that one partition does not have yet may be a mistake; one that none has is.
    private async Task CheckOffsetAsync(TopicPartition[] partitions)
    {
        var wanted = settings.From.Value;
        var queries = partitions.Select(partition => new ListOffsetsQuery(partition, OffsetSpec.Earliest))
            .Concat(partitions.Select(partition => new ListOffsetsQuery(partition, OffsetSpec.Latest)));
        var results = await client.Admin.ListOffsetsAsync(queries, cancellationToken: invocation.Cancellation);
        var ranges = partitions.Select((partition, i) => (Partition: partition, Low: results[i].Offset, High: results[i + partitions.Length].Offset)).ToArray();
        if (ranges.All(range => wanted > range.High))
        {
            throw new CliException(ExitCode.NotFound, string.Create(CultureInfo.InvariantCulture,
                $"offset {wanted} does not exist: {string.Join(", ", ranges.Select(range => $"{range.Partition} has {range.Low} up to {range.High}"))}"));
        }

        foreach (var range in ranges.Where(range => wanted < range.Low && !settings.IsQuiet))
        {
            await Io.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"note: {range.Partition} begins at offset {range.Low}, what was before it is deleted").AsMemory(), invocation.Cancellation);
        }
    }

    private static StartAt StartOf(StartPosition from) => from.Kind switch
    {
        StartKind.Beginning => StartAt.Beginning,
        StartKind.End => StartAt.End,
        StartKind.Offset => StartAt.Offset(from.Value),
        StartKind.Last => StartAt.BeforeEnd(from.Value),
        _ => StartAt.TimestampMs(from.Value),
    };
}
