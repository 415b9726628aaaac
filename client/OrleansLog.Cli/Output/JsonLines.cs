using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>Writes JSON objects, one a line, without an object or a string for each.</summary>
internal sealed class JsonLines(IBufferWriter<byte> output) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(output, new JsonWriterOptions
    {
        // Output for people and for jq, not for HTML pages: text stays readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    });

    /// <summary>Begins a line's object.</summary>
    public Utf8JsonWriter Start()
    {
        _json.WriteStartObject();
        return _json;
    }

    /// <summary>Ends it and its line.</summary>
    public void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        output.Write("\n"u8);
    }

    /// <summary>Text where the bytes are UTF-8, else <c>nameBase64</c>: nothing is lost, and text stays text.</summary>
    public static void WriteBytes(Utf8JsonWriter json, ReadOnlySpan<char> name, ReadOnlySpan<byte> bytes, bool isNull)
    {
        if (isNull)
        {
            json.WriteNull(name);
        }
        else if (Utf8.IsValid(bytes))
        {
            json.WriteString(name, bytes);
        }
        else
        {
            json.WriteBase64String($"{name}Base64", bytes);
        }
    }

    /// <summary><c>{"key": ..., "value": ...}</c>: an array of them keeps order and repeated keys.</summary>
    public static void WriteHeader(Utf8JsonWriter json, in RecordHeader header)
    {
        json.WriteStartObject();
        json.WriteString("key", header.Key);
        WriteBytes(json, "value", header.Value.Span, header.ValueIsNull);
        json.WriteEndObject();
    }

    public void Dispose() => _json.Dispose();
}
