using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansLog.Core.Controller;

/// <summary>
/// Writes and reads one version of the metadata log, or a snapshot:
/// <c>{"version":7,"epoch":2,"records":[{"type":"topic","v":0,"data":{...}}]}</c>.
/// </summary>
/// <remarks>A record that readers may skip carries <c>"optional":true</c>; any other unknown one stops the reader.</remarks>
public static class MetadataRecordCodec
{
    private static readonly Schema[] Schemas =
    [
        new Schema<ControllerEpochRecord>("controller", 0, MetadataJsonContext.Default.ControllerEpochRecord),
        new Schema<ClusterRecord>("cluster", 0, MetadataJsonContext.Default.ClusterRecord),
        new Schema<ClusterSecretRecord>("cluster-secret", 0, MetadataJsonContext.Default.ClusterSecretRecord, isOptional: true),
        new Schema<FeatureLevelRecord>("feature", 0, MetadataJsonContext.Default.FeatureLevelRecord),
        new Schema<ConfigRecord>("config", 0, MetadataJsonContext.Default.ConfigRecord),
        new Schema<ProducerIdsRecord>("producer-ids", 0, MetadataJsonContext.Default.ProducerIdsRecord, isOptional: true),
        new Schema<BrokerRecord>("broker", 0, MetadataJsonContext.Default.BrokerRecord),
        new Schema<BrokerChangeRecord>("broker-change", 0, MetadataJsonContext.Default.BrokerChangeRecord),
        new Schema<BrokerRemovedRecord>("broker-removed", 0, MetadataJsonContext.Default.BrokerRemovedRecord),
        new Schema<TopicRecord>("topic", 0, MetadataJsonContext.Default.TopicRecord),
        new Schema<TopicRemovedRecord>("topic-removed", 0, MetadataJsonContext.Default.TopicRemovedRecord),
        new Schema<PartitionRecord>("partition", 0, MetadataJsonContext.Default.PartitionRecord),
        new Schema<PartitionChangeRecord>("partition-change", 0, MetadataJsonContext.Default.PartitionChangeRecord),
    ];

    private static readonly Dictionary<Type, Schema> ByType = Schemas.ToDictionary(schema => schema.Type);
    private static readonly Dictionary<string, Schema> ByName = Schemas.ToDictionary(schema => schema.Name, StringComparer.Ordinal);

    /// <summary>Writes the records of one version.</summary>
    /// <param name="version">Its number.</param>
    /// <param name="controllerEpoch">Epoch of the controller that writes it.</param>
    /// <param name="records">Its records.</param>
    public static byte[] Encode(long version, long controllerEpoch, IReadOnlyList<MetadataRecord> records)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + (records.Count * 160));
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, version);
            json.WriteNumber("epoch"u8, controllerEpoch);
            json.WriteStartArray("records"u8);
            foreach (var record in records)
            {
                WriteRecord(json, record);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="MetadataFormatException">The bytes are damaged, or from a newer build.</exception>
    public static MetadataBatch Decode(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            var root = document.RootElement;
            var version = root.GetProperty("version"u8).GetInt64();
            var epoch = root.GetProperty("epoch"u8).GetInt64();
            var array = root.GetProperty("records"u8);
            var records = new List<MetadataRecord>(array.GetArrayLength());
            foreach (var element in array.EnumerateArray())
            {
                records.Add(ReadRecord(version, element));
            }

            return new MetadataBatch(version, epoch, records);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new MetadataFormatException($"a version of the metadata log cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads only the number of a stored version.</summary>
    /// <exception cref="MetadataFormatException">The bytes are damaged.</exception>
    public static long ReadVersion(ReadOnlySpan<byte> payload)
    {
        try
        {
            var json = new Utf8JsonReader(payload);
            if (json.Read() && json.Read() && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("version"u8)
                && json.Read() && json.TryGetInt64(out var version) && version > 0)
            {
                return version;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new MetadataFormatException($"a version of the metadata log cannot be read: {e.Message}", e);
        }

        throw new MetadataFormatException("a version of the metadata log does not begin with its number");
    }

    private static void WriteRecord(Utf8JsonWriter json, MetadataRecord record)
    {
        json.WriteStartObject();
        if (record is UnknownRecord unknown)
        {
            json.WriteString("type"u8, unknown.Type);
            json.WriteNumber("v"u8, unknown.RecordVersion);
            json.WriteBoolean("optional"u8, true);
            json.WritePropertyName("data"u8);
            unknown.Data.WriteTo(json);
        }
        else
        {
            var schema = ByType[record.GetType()];
            json.WriteString("type"u8, schema.Name);
            json.WriteNumber("v"u8, schema.Version);
            if (schema.IsOptional)
            {
                json.WriteBoolean("optional"u8, true);
            }

            json.WritePropertyName("data"u8);
            schema.Write(json, record);
        }

        json.WriteEndObject();
    }

    private static MetadataRecord ReadRecord(long version, JsonElement element)
    {
        var type = element.GetProperty("type"u8).GetString() ?? "";
        var recordVersion = element.GetProperty("v"u8).GetInt32();
        var data = element.GetProperty("data"u8);
        if (ByName.TryGetValue(type, out var schema) && recordVersion >= 0 && recordVersion <= schema.Version)
        {
            return schema.Read(data);
        }

        if (element.TryGetProperty("optional"u8, out var optional) && optional.GetBoolean())
        {
            return new UnknownRecord(type, recordVersion, data.Clone());
        }

        throw new MetadataFormatException(
            $"metadata version {version} holds a record \"{type}\" of schema {recordVersion} that this build does not know and may not skip; run a newer build");
    }

    private abstract class Schema(string name, int version, Type type, bool isOptional)
    {
        /// <summary>A build that does not know the type may go on without it, and keeps it.</summary>
        public bool IsOptional { get; } = isOptional;

        public string Name { get; } = name;

        public int Version { get; } = version;

        public Type Type { get; } = type;

        public abstract void Write(Utf8JsonWriter json, MetadataRecord record);

        public abstract MetadataRecord Read(JsonElement data);
    }

    private sealed class Schema<T>(string name, int version, JsonTypeInfo<T> info, bool isOptional = false)
        : Schema(name, version, typeof(T), isOptional)
        where T : MetadataRecord
    {
        public override void Write(Utf8JsonWriter json, MetadataRecord record) => JsonSerializer.Serialize(json, (T)record, info);

        public override MetadataRecord Read(JsonElement data) =>
            data.Deserialize(info) ?? throw new JsonException($"a record \"{Name}\" is null");
    }
}
