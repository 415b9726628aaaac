using System.Collections;
using System.Reflection;
using System.Text.Json;

namespace OrleansLog.Protocol.Tests.Messages;

/// <summary>Compares a message, property by property, with the values that Kafka's own decoder found in the same bytes.</summary>
internal static class JsonComparison
{
    /// <summary>"path: ours, theirs" for everything that differs.</summary>
    public static List<string> Differences(object message, JsonElement json)
    {
        var found = new List<string>();
        Object(message, json, "", found);
        return found;
    }

    private static void Object(object value, JsonElement json, string path, List<string> found)
    {
        PropertyInfo[] properties = value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance);
        foreach (JsonProperty member in json.EnumerateObject())
        {
            PropertyInfo? property = properties.SingleOrDefault(candidate => JsonName(candidate) == member.Name);
            if (property is null) found.Add($"{path}.{member.Name}: not declared");
            else Value(property.GetValue(value), member.Value, $"{path}.{member.Name}", found);
        }
    }

    private static void Value(object? value, JsonElement json, string path, List<string> found)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Array:
                Array(value as IList, json, path, found);
                return;
            // Kafka's dump tool opens what a group's members said and got: subscription, assignment.
            case JsonValueKind.Object when value is ReadOnlyMemory<byte> bytes:
                string name = path[(path.LastIndexOf('.') + 1)..];
                Object(ConsumerProtocol(name, bytes.ToArray()), json, path, found);
                return;
            case JsonValueKind.Object when value is not null:
                Object(value, json, path, found);
                return;
            // The golden values show record batches only as there or not.
            case JsonValueKind.String when path.EndsWith(".records", StringComparison.Ordinal) && value is not null:
                return;
        }

        string ours = Text(value);
        string theirs = json.ValueKind switch { JsonValueKind.Null => "null", JsonValueKind.String => json.GetString()!, _ => json.GetRawText() };
        if (ours != theirs) found.Add($"{path}: {ours}, {theirs}");
    }

    private static OrleansLog.Protocol.Messages.IMessage ConsumerProtocol(string name, byte[] bytes) =>
        MessageCodec.Of("ConsumerProtocol" + char.ToUpperInvariant(name[0]) + name[1..])
            .Read(bytes.AsMemory(sizeof(short)), System.Buffers.Binary.BinaryPrimitives.ReadInt16BigEndian(bytes), out _)!;

    private static void Array(IList? list, JsonElement json, string path, List<string> found)
    {
        if (list?.Count != json.GetArrayLength())
        {
            found.Add($"{path}: {list?.Count} elements, {json.GetArrayLength()}");
            return;
        }

        for (int i = 0; i < list.Count; i++) Value(list[i], json[i], $"{path}[{i}]", found);
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        ErrorCode code => ((short)code).ToString(System.Globalization.CultureInfo.InvariantCulture),
        ReadOnlyMemory<byte> bytes => Convert.ToBase64String(bytes.Span),
        Memory<byte> bytes => Convert.ToBase64String(bytes.Span),
        double number => JsonSerializer.Serialize(number),
        IFormattable formattable => formattable.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string JsonName(PropertyInfo property) => char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
}
