using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Tests.Records;
using OrleansLog.TestKit;

namespace OrleansLog.Protocol.Tests.Messages;

/// <summary>
/// The records that Kafka's own coordinators wrote (logs/clean), against what its dump tool says of them (logs/dump): unlike the
/// files under messages, these have the int16 in front, and the tagged fields that a running broker sets.
/// </summary>
public partial class CoordinatorRecordTests
{
    [Theory]
    [InlineData("__consumer_offsets", 1, nameof(OffsetCommitKey), nameof(OffsetCommitValue), 5)]
    [InlineData("__consumer_offsets", 2, nameof(GroupMetadataKey), nameof(GroupMetadataValue), 3)]
    [InlineData("__transaction_state", 0, nameof(TransactionLogKey), nameof(TransactionLogValue), 10)]
    public void Records_decode_to_what_the_dump_shows_and_encode_to_the_same_bytes(string topic, short type, string keyType, string valueType, int atLeast)
    {
        Dictionary<(int, long), (JsonElement Key, JsonElement Value)> dump = Dump(topic);
        int values = 0;
        foreach (GoldenRecord record in GoldenLog.ReadTopic("clean", topic).Where(record => BinaryPrimitives.ReadInt16BigEndian(record.Key) == type))
        {
            (JsonElement key, JsonElement value) = dump[(record.Partition, record.Offset)];
            Same(keyType, record.Key!, 0, key);
            if (record.Value is null) continue;
            Same(valueType, record.Value, BinaryPrimitives.ReadInt16BigEndian(record.Value), value);
            values++;
        }

        Assert.InRange(values, atLeast, int.MaxValue);
    }

    private static void Same(string typeName, byte[] bytes, short version, JsonElement dumped)
    {
        IMessage? message = MessageCodec.Of(typeName).Read(bytes.AsMemory(sizeof(short)), version, out MessageFault fault);
        Assert.Equal(MessageFault.None, fault);
        Assert.Empty(JsonComparison.Differences(message!, dumped.GetProperty("data")));
        Assert.Equal(Convert.ToHexString(bytes, sizeof(short), bytes.Length - sizeof(short)), Convert.ToHexString(MessageCodec.Write(message!, version)));
    }

    private static Dictionary<(int, long), (JsonElement, JsonElement)> Dump(string topic)
    {
        var records = new Dictionary<(int, long), (JsonElement, JsonElement)>();
        foreach (string file in Directory.EnumerateFiles(Golden.PathOf("logs", "dump"), topic + "-*.txt"))
        {
            int partition = int.Parse(Path.GetFileNameWithoutExtension(file).AsSpan(topic.Length + 1), CultureInfo.InvariantCulture);
            foreach (Match line in File.ReadLines(file).Select(line => DumpedRecord().Match(line)).Where(match => match.Success))
            {
                long offset = long.Parse(line.Groups["offset"].Value, CultureInfo.InvariantCulture);
                string payload = line.Groups["payload"].Value;
                records[(partition, offset)] = (Json(line.Groups["key"].Value), payload.StartsWith('{') ? Json(payload) : default);
            }
        }

        return records;
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    [GeneratedRegex("""^\| offset: (?<offset>\d+) .* key: (?<key>\{.*\}) payload: (?<payload>.*)$""")]
    private static partial Regex DumpedRecord();
}
