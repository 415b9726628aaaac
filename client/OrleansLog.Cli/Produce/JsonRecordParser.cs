using System.Buffers;
using System.Globalization;
using System.Text.Json;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>
/// A piece is an object as <c>olog consume -o json</c> writes it: value, key, headers, timestamp and partition come from it; topic,
/// offset and what else tells where the record lay are read over. What is unknown is refused: a mistyped key would be lost without a word.
/// </summary>
internal sealed class JsonRecordParser(ProduceSettings settings, int partitions) : IRecordParser
{
    private const string Base64 = "Base64";

    private readonly List<RecordHeader> _headers = [];

    // Text is never longer than its JSON, so all of a line's fits in as much as the line has.
    private byte[] _bytes = [];
    private int _used;

    public InputRecord? Parse(ReadOnlyMemory<byte> line, long number)
    {
        if (line.Span.Trim(" \t\r"u8).IsEmpty)
        {
            return null;
        }

        _headers.Clear();
        _used = 0;
        if (_bytes.Length < line.Length)
        {
            _bytes = new byte[line.Length];
        }

        try
        {
            return Read(line.Span);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // The parser counts within the piece; what it says of lines would only lead astray.
            throw new CliException(ExitCode.Error, $"line {number}: {(e is FormatException ? e.Message : "not a JSON object as 'olog consume -o json' writes it")}", e);
        }
        catch (CliException e)
        {
            throw new CliException(e.ExitCode, $"line {number}: {e.Message}", e);
        }
    }

    private InputRecord Read(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        Slice key = default;
        Slice value = default;
        var hasValue = false;
        int? partition = null;
        long? timestampMs = null;
        Expect(ref reader, JsonTokenType.StartObject);
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            _ = Next(ref reader);
            switch (name)
            {
                case "value" or "value" + Base64:
                    (value, hasValue) = (ReadBytes(ref reader, name), true);
                    break;
                case "key" or "key" + Base64:
                    key = ReadBytes(ref reader, name);
                    break;
                case "headers":
                    ReadHeaders(ref reader);
                    break;
                case "timestamp":
                    timestampMs = ReadNumber(ref reader, name) is >= 0 and var at ? at : null;
                    break;
                case "partition":
                    partition = ReadPartition(ref reader);
                    break;
                case "topic" or "offset" or "leaderEpoch" or "highWatermark":
                    reader.Skip();
                    break;
                default:
                    throw new FormatException($"'{name}' is no field of a record; there are value, key, headers, timestamp and partition");
            }
        }

        if (reader.Read())
        {
            throw new FormatException("something follows the object");
        }

        if (_used > settings.Producer.MaxRecordBytes)
        {
            throw new CliException(
                ExitCode.RecordTooLarge,
                string.Create(CultureInfo.InvariantCulture, $"record too large: {_used} bytes, the limit is {settings.Producer.MaxRecordBytes} ({settings.LimitedBy})"));
        }

        return hasValue
            ? new InputRecord(key, value, _headers.Count == 0 ? settings.Headers : [.. settings.Headers, .. _headers], partition, timestampMs)
            : throw new FormatException("it has no value; a record without one has \"value\":null");
    }

    private int ReadPartition(ref Utf8JsonReader reader)
    {
        var partition = ReadNumber(ref reader, "partition");
        return partition < 0 ? throw new FormatException($"partition is {partition}")
            : settings.Partition is null && partition >= partitions ? throw PartitionSelection.NoPartition(settings.Topic, (int)Math.Min(partition, int.MaxValue), partitions)
            : (int)Math.Min(partition, int.MaxValue);
    }

    private void ReadHeaders(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new FormatException("headers is no array of {\"key\":...,\"value\":...}");
        }

        while (Next(ref reader) == JsonTokenType.StartObject)
        {
            string? key = null;
            Slice value = default;
            while (Next(ref reader) == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                _ = Next(ref reader);
                switch (name)
                {
                    case "key":
                        key = reader.GetString();
                        break;
                    case "value" or "value" + Base64:
                        value = ReadBytes(ref reader, name);
                        break;
                    default:
                        throw new FormatException($"'{name}' is no field of a header; there are key and value");
                }
            }

            _ = key ?? throw new FormatException("a header has no key");
            _headers.Add(value is { } bytes ? new RecordHeader(key, bytes) : new RecordHeader(key));
        }

        if (reader.TokenType != JsonTokenType.EndArray)
        {
            throw new FormatException("headers is no array of {\"key\":...,\"value\":...}");
        }
    }

    /// <summary>Text, or the bytes that a field with Base64 in its name stands for; null for null.</summary>
    private Slice ReadBytes(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return default;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            throw new FormatException($"{name} is neither a string nor null");
        }

        var start = _used;
        _used += reader.CopyString(_bytes.AsSpan(start));
        if (name.EndsWith(Base64, StringComparison.Ordinal))
        {
            _used = Utf8Base64(_bytes.AsSpan(start, _used - start), out var length) ? start + length : throw new FormatException($"{name} is not base64");
        }

        return _bytes.AsMemory(start, _used - start);
    }

    private static bool Utf8Base64(Span<byte> bytes, out int length) =>
        System.Buffers.Text.Base64.DecodeFromUtf8InPlace(bytes, out length) == OperationStatus.Done;

    private static long ReadNumber(ref Utf8JsonReader reader, string name) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) ? number : throw new FormatException($"{name} is no whole number");

    private static JsonTokenType Next(ref Utf8JsonReader reader) => reader.Read() ? reader.TokenType : throw new JsonException();

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (Next(ref reader) != type)
        {
            throw new JsonException();
        }
    }
}
