using System.Buffers.Binary;
using System.Text;
using OrleansLog.Kafka.Tests.Hostile;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>Bytes to requests: wherever TCP cuts them, and whatever a stranger sends (S12).</summary>
[Collection(Alone.Name)]
public class FramingTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    [Fact]
    public async Task Requests_are_found_wherever_the_bytes_are_cut()
    {
        byte[] bytes = [.. RawClient.Frame(new ApiVersionsRequestData(), 0, 1), .. RawClient.Frame(Requests.Metadata(), 4, 2)];
        using var client = await shared.Broker.ConnectRawAsync();
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            await client.SendAsync(bytes.AsMemory(0, cut));
            await client.SendAsync(bytes.AsMemory(cut));
            await client.ReceiveAsync<ApiVersionsResponseData>(0, 1);
            await client.ReceiveAsync<MetadataResponseData>(4, 2);
        }
    }

    [Fact]
    public async Task A_large_request_arrives_byte_for_byte()
    {
        await shared.Broker.CreateTopicAsync("large");
        var value = new byte[900_000];
        new Random(1).NextBytes(value);
        using var client = await shared.Broker.ConnectRawAsync();
        for (var i = 0; i < 3; i++)
        {
            var produced = await client.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce("large", value), Requests.ProduceVersion);
            Assert.Equal((ErrorCode.None, i), (produced.Responses[0].PartitionResponses[0].ErrorCode, produced.Responses[0].PartitionResponses[0].BaseOffset));
        }

        var fetched = await client.AskAsync<FetchRequestData, FetchResponseData>(Requests.Fetch("large", 1), Requests.FetchVersion);
        Assert.True(fetched.Responses[0].Partitions[0].Records!.Value.Span.IndexOf(value) > 0);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(104_857_601)]
    public async Task A_length_that_no_request_has_closes_the_connection(int length)
    {
        var prefix = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(prefix, length);
        using var client = await shared.Broker.ConnectRawAsync();
        await client.SendAsync(prefix);
        await client.AssertClosedAsync();
    }

    [Fact]
    public async Task A_large_length_costs_no_memory_before_its_bytes_come()
    {
        var prefix = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(prefix, 100_000_000);
        var clients = new List<RawClient>();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 50; i++)
        {
            clients.Add(await shared.Broker.ConnectRawAsync());
            await clients[i].SendAsync(prefix);
        }

        // A request that is answered shows that the broker has come this far.
        using var other = await shared.Broker.ConnectRawAsync();
        await other.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(new(), 0);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 50 * 300_000);
        clients.ForEach(static client => client.Dispose());
    }

    [Theory]
    [InlineData("0012")]
    [InlineData("7fff000000000001ffff")]
    [InlineData("0003006300000001ffff")]
    [InlineData("00000002000000010004746573740001000000000000")]
    [InlineData("0003000400000001ffff7fffffff01")]
    [InlineData("0003000400000001fffe")]
    public async Task What_is_no_request_closes_the_connection(string hex)
    {
        var body = Convert.FromHexString(hex);
        var frame = new byte[sizeof(int) + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.Length);
        body.CopyTo(frame, sizeof(int));
        using var client = await shared.Broker.ConnectRawAsync();
        await client.SendAsync(frame);
        await client.AssertClosedAsync();
    }

    [Fact]
    public async Task A_browser_is_told_where_it_is()
    {
        using var client = await shared.Broker.ConnectRawAsync();
        await client.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await using var stream = new System.Net.Sockets.NetworkStream(client.Socket);
        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 400 ", text, StringComparison.Ordinal);
        Assert.Contains("Kafka", text, StringComparison.Ordinal);
        var body = text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        Assert.Contains($"Content-Length: {body.Length}\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tls_hello_closes_the_connection()
    {
        using var client = await shared.Broker.ConnectRawAsync();
        await client.SendAsync(Convert.FromHexString("1603010200010001fc0303"));
        await client.AssertClosedAsync();
    }

    [Fact]
    public async Task An_unknown_version_of_ApiVersions_is_answered_in_version_0_with_the_range()
    {
        using var client = await shared.Broker.ConnectRawAsync();
        var frame = RawClient.Frame(new ApiVersionsRequestData { ClientSoftwareName = "a", ClientSoftwareVersion = "1" }, 4, 5);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(6), 99);
        await client.SendAsync(frame);
        var answer = await client.ReceiveAsync<ApiVersionsResponseData>(0, 5);
        Assert.Equal(ErrorCode.UnsupportedVersion, answer.ErrorCode);
        Assert.Equal(((short)ApiKey.ApiVersions, (short)0, (short)4), answer.ApiKeys.Select(one => (one.ApiKey, one.MinVersion, one.MaxVersion)).Single());
    }
}
