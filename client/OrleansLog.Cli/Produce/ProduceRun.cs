using System.Globalization;
using OrleansLog.Client;
using OrleansLog.Protocol;

namespace OrleansLog.Cli;

/// <summary><c>olog produce</c> from the first byte read to the last outcome known.</summary>
internal sealed class ProduceRun(Invocation invocation, ProduceSettings settings, ILogClient client)
{
    private const int DefaultMaxRecordBytes = 1024 * 1024;
    private const int LargestJsonBytes = 1024 * 1024 * 1024;
    private const int LongestEscape = 6;
    private const int RoomForNames = 64 * 1024;

    /// <summary>How long a signal waits for the outcome of what was sent.</summary>
    private static readonly TimeSpan FlushAfterSignal = TimeSpan.FromSeconds(5);

    private CliIo Io => invocation.Io;

    public async Task<ExitCode> RunAsync()
    {
        var topic = await DescribeTopicAsync();
        CheckPartition(topic);
        settings.Producer.MaxRecordBytes = settings.MaxRecordBytes ?? await MaxRecordBytesAsync();
        settings.Producer.BufferMemoryBytes = Math.Max(settings.Producer.BufferMemoryBytes, settings.Producer.MaxRecordBytes);

        await using var file = OpenFile();
        var splitter = CreateSplitter(file ?? Io.In);
        IRecordParser parser = settings.IsJsonInput ? new JsonRecordParser(settings, topic.Partitions.Length) : new PlainRecordParser(settings);
        var tally = new ProduceTally(topic.Partitions.Length);
        var started = Io.Time.GetTimestamp();
        var producer = CreateProducer();
        var failure = await PumpAsync(new RecordPump(settings, splitter, parser, producer, tally), producer, splitter, LengthOf(file));
        new ProduceReport(Io, settings, tally, Io.Time.GetElapsedTime(started)).Write(invocation.IsJson, topic.Partitions.Length);

        ThrowIfFailed(failure, tally);
        invocation.Cancellation.ThrowIfCancellationRequested();
        return ExitCode.Ok;
    }

    /// <summary>Reads on a thread of the pool: a read of standard input cannot be called back, so a signal leaves it behind.</summary>
    private async Task<Exception?> PumpAsync(RecordPump pump, ILogProducer<Slice, Slice> producer, RecordSplitter splitter, long? totalBytes)
    {
        Exception? failure = null;
        async Task WorkAsync()
        {
            try
            {
                await Task.Run(() => pump.RunAsync(invocation.Cancellation), CancellationToken.None).WaitAsync(invocation.Cancellation);
            }
            catch (Exception e)
            {
                failure = e;
            }

            using var limit = new CancellationTokenSource();
            await using var registration = invocation.Cancellation.Register(() => limit.CancelAfter(FlushAfterSignal));
            await producer.CloseAsync(limit.Token);
        }

        // Somebody who types the records does not want a bar between them.
        var isTyped = settings.File is null && Io.InIsTerminal;
        var isWatched = Io.ErrorIsTerminal && !isTyped && !settings.IsQuiet;
        await (isWatched ? ProgressView.RunAsync(Io, settings.Topic, () => splitter.BytesRead, totalBytes, WorkAsync) : WorkAsync());
        return failure;
    }

    private static void ThrowIfFailed(Exception? failure, ProduceTally tally)
    {
        var stored = $"{Sizes.Count(tally.Stored, "record")} {(tally.Stored == 1 ? "is" : "are")} stored";
        switch (failure)
        {
            case CliException error:
                throw new CliException(error.ExitCode, $"{error.Message}; {stored}", error);
            case not null and not OperationCanceledException:
                throw new CliException(ExitCode.Error, $"{failure.Message}; {stored}", failure);
            default:
                break;
        }

        if (tally.FirstError is { } refusal)
        {
            var (code, message) = Failures.Describe(refusal);
            var line = tally.FirstErrorRecord is { } number ? $"line {number}: " : "";
            throw new CliException(code, $"{line}{message}; {stored}, {Sizes.Count(tally.Failed)} {(tally.Failed == 1 ? "is" : "are")} not or may not be", refusal);
        }
    }

    private ILogProducer<Slice, Slice> CreateProducer()
    {
        try
        {
            return client.CreateProducer(settings.Producer, Serializers.BorrowedMemory, Serializers.BorrowedMemory);
        }
        catch (ArgumentException e)
        {
            throw new CliException(ExitCode.Usage, e.Message.ReplaceLineEndings(" "), e);
        }
    }

    private RecordSplitter CreateSplitter(Stream input)
    {
        // A record is longer as JSON: six characters for one that must be escaped, and the names around it.
        var maxBytes = settings.IsJsonInput
            ? (int)Math.Min(LargestJsonBytes, (LongestEscape * (long)settings.Producer.MaxRecordBytes) + RoomForNames) : settings.Producer.MaxRecordBytes;
        return new RecordSplitter(input, settings.Delimiter, maxBytes, limitedBy: settings.LimitedBy);
    }

    /// <summary>The topic; where it is not there, and that was asked for, it is made as the brokers make topics by default.</summary>
    private async Task<TopicDescription> DescribeTopicAsync()
    {
        var topic = (await client.Admin.DescribeTopicsAsync([settings.Topic], invocation.Cancellation))[0];
        if (topic.Error != ErrorCode.UnknownTopicOrPartition)
        {
            return topic.Error == ErrorCode.None ? topic : throw Failures.Topic(topic.Error, null, settings.Topic);
        }

        if (!settings.CreatesTopic)
        {
            throw new CliException(ExitCode.NotFound, $"there is no topic '{settings.Topic}' ({topic.Error.KafkaName()}); --create makes it");
        }

        var created = (await client.Admin.CreateTopicsAsync([new NewTopic { Name = settings.Topic }], cancellationToken: invocation.Cancellation))[0];
        if (created.Error is not (ErrorCode.None or ErrorCode.TopicAlreadyExists))
        {
            throw Failures.Topic(created.Error, created.Message, settings.Topic);
        }

        if (created.Error == ErrorCode.None && !settings.IsQuiet && Io.ErrorIsTerminal)
        {
            await Io.Error.WriteLineAsync($"note: created topic {settings.Topic}: {Sizes.Partitions(created.Partitions)}".AsMemory(), invocation.Cancellation);
        }

        return await PartitionSelection.DescribeAsync(client.Admin, settings.Topic, invocation.Cancellation);
    }

    private void CheckPartition(TopicDescription topic)
    {
        if (settings.Partition is { } partition && partition >= topic.Partitions.Length)
        {
            throw PartitionSelection.NoPartition(settings.Topic, partition, topic.Partitions.Length);
        }
    }

    // What the topic takes is the broker's to say; then the line that is too long can be named before anything of it is sent.
    private async Task<int> MaxRecordBytesAsync()
    {
        var configs = await client.Admin.DescribeTopicConfigAsync(settings.Topic, invocation.Cancellation);
        var text = configs.FirstOrDefault(config => config.Name == "max.message.bytes")?.Value;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes > 0 ? bytes : DefaultMaxRecordBytes;
    }

    private long? LengthOf(FileStream? file) => file is null ? Io.InLength : file.CanSeek ? file.Length : null;

    private FileStream? OpenFile()
    {
        if (settings.File is not { } path)
        {
            return null;
        }

        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCode.NotFound, $"{path}: no such file", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CliException(ExitCode.Error, $"{path}: {(Directory.Exists(path) ? "is a directory" : "no right to read it")}", e);
        }
    }
}
