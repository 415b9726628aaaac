using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using OrleansLog.Client;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary><c>olog produce TOPIC</c>: options, and what they stand for.</summary>
internal sealed class ProduceCommand
{
    private const int SmallestBatchBytes = 1024;
    private const int LargestBytes = 1024 * 1024 * 1024;
    private const int LongestLingerMs = 15 * 60 * 1000;

    private readonly Argument<string> _topic = new("TOPIC") { Description = "Topic to write to" };
    private readonly Option<string?> _file = new("--file", "-f") { Description = "Read this file instead of standard input", HelpName = "FILE" };

    private readonly Option<string> _input = new("--input", "-i")
    {
        Description = "What a record is in the input: lines (the bytes are the value), or json: objects as 'olog consume -o json' writes them, with value, key, headers, timestamp, partition",
        HelpName = "lines|json",
        DefaultValueFactory = _ => "lines",
    };

    private readonly Option<bool> _create = new("--create") { Description = "Make the topic where it is not there, with the brokers' defaults" };

    private readonly Option<string> _delimiter = new("--delimiter", "-d")
    {
        Description = @"What ends a record; \n \r \t \0 \\ \xHH are understood",
        HelpName = "TEXT",
        DefaultValueFactory = _ => @"\n",
    };

    private readonly Option<string?> _separator = new("--key-separator", "-k")
    {
        Description = "Each record is a key, this, and a value. Default: records have no key",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _null = new("--null-marker") { Description = "A key or value that is exactly this becomes null", HelpName = "TEXT" };
    private readonly Option<string[]> _headers = Assignments.Option("--header", ["-H"], "A header for every record; may be repeated");

    private readonly Option<string> _codec = new("--compression", "-z")
    {
        Description = "Codec of the batches",
        HelpName = "none|gzip|snappy|lz4|zstd",
        DefaultValueFactory = _ => "none",
    };

    private readonly Option<int?> _level = Numbers.Option("--compression-level", [], "Level of the codec", int.MinValue);

    private readonly Option<string> _acks = new("--acks", "-a")
    {
        Description = "When a record counts as stored: all in-sync replicas, 1 (the leader), 0 (nobody is asked)",
        HelpName = "all|1|0",
        DefaultValueFactory = _ => "all",
    };

    private readonly Option<int?> _partition = Numbers.Option("--partition", ["-p"], "Write to this partition. Default: by key, else one after the other", 0);
    private readonly Option<string?> _timestamp = new("--timestamp", "-t") { Description = "Timestamp of every record: ISO 8601 or unix ms. Default: now", HelpName = "TIME" };
    private readonly Option<int?> _batch = Numbers.Option("--batch-bytes", [], "Largest batch before compression. Default: 1000000", SmallestBatchBytes, LargestBytes, "BYTES");
    private readonly Option<string> _linger = new("--linger") { Description = "How long a batch waits to fill", HelpName = "TIME", DefaultValueFactory = _ => "5ms" };
    private readonly Option<long?> _buffer = Numbers.Option("--buffer-bytes", [], "Most bytes on their way. Default: 67108864", (long)SmallestBatchBytes, helpName: "BYTES");
    private readonly Option<int?> _maxRecord = Numbers.Option("--max-record-bytes", [], "Largest record. Default: the topic's max.message.bytes", 1, LargestBytes, "BYTES");
    private readonly Option<string> _timeout = new("--delivery-timeout") { Description = "How long a record may take", HelpName = "TIME", DefaultValueFactory = _ => "2m" };
    private readonly Option<bool> _noMark = new("--no-end-mark")
    {
        Description = "Do not mark a last record without delimiter. By default it gets the header olog.no-newline, so that consume gives back the same bytes",
    };

    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Say at the end how much was written, also when no terminal watches" };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No progress bar, no summary" };

    public static Command Build(CommandContext context)
    {
        var options = new ProduceCommand();
        var command = new Command("produce", "Write records: one for each line of standard input or a file, byte for byte, or one for each JSON object")
        {
            options._topic, options._file, options._input, options._create, options._separator, options._delimiter, options._null, options._headers, options._codec,
            options._level, options._acks, options._partition, options._timestamp, options._linger, options._batch, options._buffer,
            options._maxRecord, options._timeout, options._noMark, options._verbose, options._quiet,
        };
        options.AddChecks(context.Io.Time);
        command.Validators.Add(result =>
        {
            if (result.GetResult(options._input) is { Tokens: [{ Value: "json" }, ..] }
                && (result.GetResult(options._separator) ?? result.GetResult(options._null)) is OptionResult plain)
            {
                result.AddError($"{plain.Option.Name} is for lines; in --input json a record says itself what its key is and what is null");
            }
        });
        return context.Run(command, async invocation =>
        {
            var settings = options.Read(invocation);
            await using var client = await invocation.ConnectAsync();
            return await new ProduceRun(invocation, settings, client).RunAsync();
        });
    }

    private void AddChecks(TimeProvider time)
    {
        _input.TakeOneOf(["lines", "json"]);
        _codec.TakeOneOf([.. CompressionCodecs.All.Select(codec => codec.Name())]);
        _acks.TakeOneOf(["all", "1", "0"], "-1");
        Check(_delimiter, CheckBytes);
        Check(_separator, CheckBytes);
        Check(_linger, static text => CheckTime(text, 0, LongestLingerMs));
        Check(_timeout, static text => CheckTime(text, 1, int.MaxValue));
        Check(_timestamp, text => TimestampOf(text, time) is null ? $"'{text}' is not a time; write 2026-11-23T14:00:00Z or 1700000000000" : null);
    }

    /// <summary>What only makes sense together: a level with its codec, buffers that hold what goes through them, times that leave time.</summary>
    private static void CheckTogether(ProducerOptions options)
    {
        var wrong = options switch
        {
            { CompressionLevel: not null, Compression: CompressionCodec.None } => "--compression-level needs a codec: --compression gzip, lz4 or zstd",
            { CompressionLevel: { } level } when !options.Compression.IsValidLevel(level) => $"--compression-level: {options.Compression.Name()} has no level {level}",
            _ when options.DeliveryTimeoutMs < options.LingerMs => "--delivery-timeout is shorter than --linger: no record could be stored in time",
            _ when options.BufferMemoryBytes < options.BatchBytes => $"--buffer-bytes: {options.BufferMemoryBytes} is less than one batch has, which is {options.BatchBytes} (--batch-bytes)",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new CliException(ExitCode.Usage, wrong);
        }
    }

    private static void Check<T>(Option<T> option, Func<string, string?> check) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token, ..] && check(token.Value) is { } error)
        {
            result.AddError($"{option.Name}: {error}");
        }
    });

    private static string? CheckBytes(string text) =>
        Escapes.TryParse(text, out var bytes, out var error) ? bytes.Length > 0 ? null : "must not be empty" : error;

    private static string? CheckTime(string text, int fromMs, int toMs) =>
        !Timestamps.TryParseDuration(text, out var duration) ? $"'{text}' is not a time; write 5ms, 10s, 2m"
        : duration.TotalMilliseconds < fromMs ? $"{text} is too short"
        : duration.TotalMilliseconds > toMs ? $"{text} is too long; at most {TimeSpan.FromMilliseconds(toMs).TotalMinutes:0}m"
        : null;

    private static long? TimestampOf(string text, TimeProvider time) =>
        StartPosition.TryParse(text, time.GetUtcNow(), out var position, out _) && position.Kind == StartKind.Timestamp ? position.Value : null;

    private ProduceSettings Read(Invocation invocation) => new()
    {
        Topic = invocation.Get(_topic),
        File = invocation.Get(_file) is var file && file == "-" ? null : file,
        Delimiter = BytesOf(invocation.Get(_delimiter))!,
        KeySeparator = BytesOf(invocation.Get(_separator)),
        NullMarker = invocation.Get(_null) is { } marker ? Encoding.UTF8.GetBytes(marker) : null,
        Headers = Array.ConvertAll(invocation.Get(_headers) ?? [], ToHeader),
        Partition = invocation.Get(_partition),
        TimestampMs = invocation.Get(_timestamp) is { } time ? TimestampOf(time, invocation.Io.Time) : null,
        MaxRecordBytes = invocation.Get(_maxRecord),
        IsJsonInput = invocation.Get(_input) == "json",
        CreatesTopic = invocation.Get(_create),
        MarksEnd = !invocation.Get(_noMark) && invocation.Get(_input) != "json",
        IsVerbose = invocation.Get(_verbose),
        IsQuiet = invocation.Get(_quiet),
        Producer = ReadProducer(invocation),
    };

    private ProducerOptions ReadProducer(Invocation invocation)
    {
        _ = CompressionCodecs.TryParse(invocation.Get(_codec), out var codec);
        var options = new ProducerOptions
        {
            Acks = invocation.Get(_acks) switch { "0" => Acks.None, "1" => Acks.Leader, _ => Acks.All },
            Compression = codec,
            CompressionLevel = invocation.Get(_level),
            LingerMs = MillisecondsOf(invocation.Get(_linger)),
            DeliveryTimeoutMs = MillisecondsOf(invocation.Get(_timeout)),
        };
        options.BatchBytes = invocation.Get(_batch) ?? options.BatchBytes;
        options.BufferMemoryBytes = invocation.Get(_buffer) ?? options.BufferMemoryBytes;
        CheckTogether(options);
        options.MaxBlockMs = Math.Max(options.MaxBlockMs, options.DeliveryTimeoutMs);
        return options;
    }

    private static RecordHeader ToHeader(string text)
    {
        var (name, value) = Assignments.Split(text);
        return new RecordHeader(name, Encoding.UTF8.GetBytes(value));
    }

    private static byte[]? BytesOf(string? text) => text is not null && Escapes.TryParse(text, out var bytes, out _) ? bytes : null;

    private static int MillisecondsOf(string text) => Timestamps.TryParseDuration(text, out var duration) ? (int)duration.TotalMilliseconds : 0;
}
