using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansLog.Cli;

/// <summary>Writes a command's one JSON document, on one line.</summary>
internal static class JsonOutput
{
    public static void Write<T>(CliIo io, T document, JsonTypeInfo<T> type)
    {
        io.Text.Flush();
        using var writer = new Utf8JsonWriter(io.Out, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        JsonSerializer.Serialize(writer, document, type);
        writer.Flush();
        io.Out.Write("\n"u8);
    }
}
