using System.Text.Json;
using OrleansLog.TestKit;

namespace OrleansLog.Protocol.Tests.Messages;

/// <summary>A line of tests/golden/messages: what Kafka's own code wrote, as bytes and as values.</summary>
internal sealed record GoldenMessage(string TypeName, short Version, string Case, string Hex, JsonElement Json)
{
    public byte[] Bytes => Convert.FromHexString(Hex);

    public static IEnumerable<string> Files =>
        Directory.EnumerateFiles(Golden.PathOf("messages"), "*.jsonl").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)!;

    public static IEnumerable<GoldenMessage> In(string file) => Golden.Lines("messages", file + ".jsonl").Select(Parse);

    public override string ToString() => $"{TypeName} v{Version} {Case}";

    private static GoldenMessage Parse(JsonElement line)
    {
        string name = line.TryGetProperty("record", out JsonElement record)
            ? record.GetString()! + (record.GetString()!.EndsWith("Header", StringComparison.Ordinal) ? "Data" : "")
            : line.GetProperty("api").GetString() + (line.GetProperty("kind").GetString() == "request" ? "RequestData" : "ResponseData");
        return new GoldenMessage(name, line.GetProperty("version").GetInt16(), line.GetProperty("case").GetString()!, line.GetProperty("hex").GetString()!,
            line.GetProperty("json"));
    }
}
