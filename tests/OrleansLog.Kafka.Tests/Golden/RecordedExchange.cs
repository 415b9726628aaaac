using System.Text.Json;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;

namespace OrleansLog.Kafka.Tests.Golden;

/// <summary>
/// One line of tests/golden/frames: what a client sent to Apache Kafka 4.1.0 and what that answered, with headers, without sizes. The
/// lines of a file are in the order of the answers.
/// </summary>
internal sealed record RecordedExchange(int Line, int Connection, string Api, ApiKey Key, short Version, int Correlation, byte[] Request, byte[] Response)
{
    /// <summary>The conversations, one file for each client.</summary>
    public static IEnumerable<string> Clients =>
        Directory.EnumerateFiles(TestKit.Golden.PathOf("frames"), "*.jsonl").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    public static IReadOnlyList<RecordedExchange> Of(string client) => [.. TestKit.Golden.Lines("frames", client + ".jsonl").Select(Parse)];

    /// <summary>What the client called itself.</summary>
    public string? ClientId
    {
        get
        {
            var reader = new MessageReader(Request);
            return RequestHeaderData.Read(ref reader, 1)?.ClientId;
        }
    }

    public IMessage ReadRequest() => ApiCodec.Of(Api).ReadRequest(Request, Version);

    public IMessage ReadResponse() => ApiCodec.Of(Api).ReadResponse(Response, Version);

    public override string ToString() => $"line {Line} {Api} v{Version} (connection {Connection}, correlation {Correlation})";

    private static RecordedExchange Parse(JsonElement line, int index) => new(
        index + 1,
        line.GetProperty("connection").GetInt32(),
        line.GetProperty("api").GetString()!,
        (ApiKey)line.GetProperty("key").GetInt16(),
        line.GetProperty("version").GetInt16(),
        line.GetProperty("correlation").GetInt32(),
        Convert.FromHexString(line.GetProperty("request").GetString()!),
        Convert.FromHexString(line.GetProperty("response").GetString()!));
}
