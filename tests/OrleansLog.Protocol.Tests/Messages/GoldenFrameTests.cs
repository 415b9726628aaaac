using System.Text.Json;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;

namespace OrleansLog.Protocol.Tests.Messages;

/// <summary>
/// Conversations of eight real clients with Apache Kafka 4.1.0 (tests/golden/frames): what they send and get, header and body,
/// decodes, and encodes to the same bytes.
/// </summary>
public class GoldenFrameTests
{
    public static TheoryData<string> Clients =>
        [.. Directory.EnumerateFiles(Golden.PathOf("frames"), "*.jsonl").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Clients))]
    public void Every_frame_decodes_and_encodes_to_the_same_bytes(string file)
    {
        var wrong = new List<string>();
        int exchanges = 0;
        foreach (JsonElement line in Golden.Lines("frames", file))
        {
            var api = (ApiKey)line.GetProperty("key").GetInt16();
            short version = line.GetProperty("version").GetInt16();
            if (!ApiCatalog.IsDeclared(api)) continue;
            byte[] request = Convert.FromHexString(line.GetProperty("request").GetString()!);
            byte[] response = Convert.FromHexString(line.GetProperty("response").GetString()!);
            string name = ApiCatalog.NameOf(api);
            Check($"{name} v{version} request", request, nameof(RequestHeaderData), ApiCatalog.RequestHeaderVersion(api, version), name + "RequestData", version);
            // A version that the broker does not know: it answers ApiVersions with version 0, anything else not at all.
            if (response.Length > 0)
            {
                short answered = api == ApiKey.ApiVersions && Error(response) == ErrorCode.UnsupportedVersion ? (short)0 : version;
                Check($"{name} v{version} response", response, nameof(ResponseHeaderData), ApiCatalog.ResponseHeaderVersion(api, version), name + "ResponseData", answered);
            }

            exchanges++;
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong.Take(20)));
        Assert.InRange(exchanges, 10, int.MaxValue);

        void Check(string what, byte[] frame, string headerType, short headerVersion, string bodyType, short bodyVersion)
        {
            IMessage? header = MessageCodec.Of(headerType).ReadHead(frame, headerVersion, out int headerBytes);
            IMessage? body = MessageCodec.Of(bodyType).Read(frame.AsMemory(headerBytes), bodyVersion, out MessageFault fault);
            if (header is null || body is null) wrong.Add($"{what}: {fault} in {Convert.ToHexStringLower(frame)}");
            else if (!frame.SequenceEqual([.. MessageCodec.Write(header, headerVersion), .. MessageCodec.Write(body, bodyVersion)])) wrong.Add($"{what}: differs");
        }
    }

    private static ErrorCode Error(byte[] response) => (ErrorCode)System.Buffers.Binary.BinaryPrimitives.ReadInt16BigEndian(response.AsSpan(4));
}
