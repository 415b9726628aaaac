using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>What a client of another time asks: an API or a version that this broker does not know (KIP-35, KIP-511).</summary>
public class VersionTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    /// <summary>The rest of such a request is unreadable; the client asks again on the same connection, as its library does.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(99)]
    [InlineData(short.MaxValue)]
    public async Task ApiVersions_of_the_future_is_answered_in_version_0_and_asked_again_on_the_same_connection(short version)
    {
        using var client = await shared.Broker.ConnectRawAsync();
        byte[] body = [0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xee, 0xdd, 0xcc, 0xff, 0xff, 0xff, 0xff, 0x7f];
        BinaryPrimitives.WriteInt16BigEndian(body.AsSpan(2), version);
        await client.SendAsync(new byte[] { 0, 0, 0, (byte)body.Length });
        await client.SendAsync(body);

        var refused = await client.ReceiveAsync<ApiVersionsResponseData>(0, 7);
        Assert.Equal(ErrorCode.UnsupportedVersion, refused.ErrorCode);
        var range = Assert.Single(refused.ApiKeys);
        Assert.Equal(((short)ApiKey.ApiVersions, (short)0), (range.ApiKey, range.MinVersion));

        var request = new ApiVersionsRequestData { ClientSoftwareName = "from-the-future", ClientSoftwareVersion = "9.0" };
        var answer = await client.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(request, range.MaxVersion);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        Assert.Contains(answer.ApiKeys, one => one.ApiKey == (short)ApiKey.Produce);
        Assert.Contains(answer.ApiKeys, one => (one.ApiKey, one.MinVersion, one.MaxVersion) == (range.ApiKey, range.MinVersion, range.MaxVersion));
    }

    /// <summary>Nobody could read an answer to it: the connection ends, and the broker's log says why and whose.</summary>
    [Theory]
    [InlineData((short)ApiKey.AddPartitionsToTxn, 0, "there is no API 24 here")]
    [InlineData(999, 0, "there is no API 999 here")]
    [InlineData(-1, 0, "there is no API -1 here")]
    [InlineData(short.MinValue, -1, "there is no API -32768 here")]
    [InlineData((short)ApiKey.Metadata, 99, "Metadata is served in versions 0 to 13, not 99")]
    [InlineData((short)ApiKey.Metadata, -1, "Metadata is served in versions 0 to 13, not -1")]
    [InlineData((short)ApiKey.ApiVersions, -1, "ApiVersions is served in versions 0 to 4, not -1")]
    public async Task An_unknown_api_or_version_closes_the_connection_with_a_line_in_the_log(short key, short version, string reason)
    {
        using var log = new LogLines(LogLevel.Warning);
        await using var broker = await KafkaBroker.StartAsync(log);
        using var client = await broker.ConnectRawAsync();
        var frame = RawClient.Frame(Requests.Metadata("any"), 4, 1);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(4), key);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(6), version);
        await client.SendAsync(frame);
        await client.AssertClosedAsync();

        var line = Assert.Single(log.All, static line => line.StartsWith("3010: ", StringComparison.Ordinal));
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{((System.Net.IPEndPoint)client.Socket.LocalEndPoint!).Port}", line, StringComparison.Ordinal);
        using var other = await broker.ConnectRawAsync();
        await other.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(new(), 0);
    }
}
