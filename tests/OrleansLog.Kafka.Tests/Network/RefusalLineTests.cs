using System.Buffers.Binary;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>Whoever reads that a connection was closed has to find the client.</summary>
public class RefusalLineTests
{
    [Fact]
    public async Task A_refused_request_is_told_with_its_api_version_client_and_address()
    {
        using var log = new LogLines(LogLevel.Warning);
        await using var broker = await KafkaBroker.StartAsync(log);
        await AssertToldAsync(broker, log, Header(3, 99, "billing"), "(Metadata version 99 of client 'billing'): Metadata is served in versions");
        await AssertToldAsync(broker, log, Header(77, 0, "an\nevil\tone"), "(API 77 version 0 of client 'an?evil?one'): there is no API 77 here");
        await AssertToldAsync(broker, log, Header(3, 4, new string('x', 500)), $"(Metadata version 4 of client '{new string('x', 64)}'): its Metadata version 4 is not valid");
        await AssertToldAsync(broker, log, [0, 3, 0], "(without a header): it is too short for a header");
        await AssertToldAsync(broker, log, [0, 77, 0, 0, 0, 0, 0, 7, 0x7f, 0xff], "(API 77 version 0 of a client without an id)");
    }

    [Fact]
    public async Task A_length_that_no_request_has_is_told_with_the_client_of_the_requests_before()
    {
        using var log = new LogLines(LogLevel.Warning);
        await using var broker = await KafkaBroker.StartAsync(log);
        using var client = await broker.ConnectRawAsync();
        await client.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(new(), 0);
        await client.SendAsync(new byte[] { 0x7f, 0xff, 0xff, 0xff });
        await client.AssertClosedAsync();
        await log.SaysAsync($"The connection of 127.0.0.1:{PortOf(client)} is closed, because of its request (client 'test'): it declares 2147483647 bytes");
    }

    private static async Task AssertToldAsync(KafkaBroker broker, LogLines log, byte[] body, string expected)
    {
        using var client = await broker.ConnectRawAsync();
        var from = PortOf(client);
        await client.SendAsync((byte[])[0, 0, (byte)(body.Length >> 8), (byte)body.Length, .. body]);
        await client.AssertClosedAsync();
        await log.SaysAsync($"The connection of 127.0.0.1:{from} is closed, because of its request {expected}");
    }

    private static int PortOf(RawClient client) => ((IPEndPoint)client.Socket.LocalEndPoint!).Port;

    private static byte[] Header(short api, short version, string clientId)
    {
        var header = new byte[10 + clientId.Length];
        BinaryPrimitives.WriteInt16BigEndian(header, api);
        BinaryPrimitives.WriteInt16BigEndian(header.AsSpan(2), version);
        BinaryPrimitives.WriteInt16BigEndian(header.AsSpan(8), (short)clientId.Length);
        Encoding.UTF8.GetBytes(clientId, header.AsSpan(10));
        return header;
    }
}
