using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansLog.Kafka.Listening;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>Connections that are too many, too quiet, or in the way of a stop.</summary>
public class LimitTests
{
    [Fact]
    public async Task Above_max_connections_a_client_waits_until_another_goes()
    {
        using var log = new LogLines(LogLevel.Warning);
        await using var broker = await KafkaBroker.StartAsync(log, ("max.connections", "1"));
        var listeners = broker.Services.GetRequiredService<KafkaListeners>();
        using var first = await broker.ConnectRawAsync();
        await first.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(new(), 0);
        using var second = await broker.ConnectRawAsync();
        await second.SendAsync(new ApiVersionsRequestData(), 0, 2);

        // From this line on nobody is accepted until somebody goes.
        await log.SaysAsync("max.connections=1 are open");
        Assert.Equal((1, 0), (listeners.Connections, second.Socket.Available));
        first.Dispose();
        await second.ReceiveAsync<ApiVersionsResponseData>(0, 2);
        Assert.Equal(1, listeners.Connections);
    }

    [Fact]
    public async Task Above_max_connections_per_ip_a_connection_is_closed()
    {
        await using var broker = await KafkaBroker.StartAsync(("max.connections.per.ip", "9"), ("max.connections.per.ip.overrides", "127.0.0.1:1"));
        using var first = await broker.ConnectRawAsync();
        await first.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(new(), 0);
        using var second = await broker.ConnectRawAsync();
        await second.AssertClosedAsync();
        await first.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(new(), 0);
    }

    [Fact]
    public async Task A_connection_on_which_nothing_moves_is_closed()
    {
        await using var broker = await KafkaBroker.StartAsync(("connections.max.idle.ms", "2000"));
        using var client = await broker.ConnectRawAsync();
        await client.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(new(), 0);
        await client.AssertClosedAsync();
    }

    [Fact]
    public async Task A_request_that_stops_in_the_middle_is_closed_long_before_an_idle_connection()
    {
        await using var broker = await KafkaBroker.StartAsync(("orleanslog.request.stall.max.ms", "200"));
        using var client = await broker.ConnectRawAsync();
        await client.SendAsync(RawClient.Frame(new ApiVersionsRequestData(), 0, 1).AsMemory(0, 9));
        await client.AssertClosedAsync();
    }

    [Fact]
    public async Task A_fetch_that_waits_is_answered_when_the_broker_stops()
    {
        await using var broker = await KafkaBroker.StartAsync();
        await broker.CreateTopicAsync("stop");
        using var client = await broker.ConnectRawAsync();
        var frame = RawClient.Frame(Requests.Fetch("stop", 0, maxWaitMs: 120_000), Requests.FetchVersion, 3);
        await client.SendAsync(frame);
        await client.SendAsync(frame);

        // One waits for records, the other one for its turn: then there is something to answer.
        await broker.FetchWaitsAsync();
        await HeldRequests.AssertAsync(broker, 2 * HeldRequests.BytesOf(frame), 2 * HeldRequests.BytesOf(frame));
        var stopping = broker.StopAsync();
        var answer = await client.ReceiveAsync<FetchResponseData>(Requests.FetchVersion, 3);
        Assert.Equal(ErrorCode.None, answer.Responses[0].Partitions[0].ErrorCode);
        await client.AssertClosedAsync();
        await stopping;
    }

    [Fact]
    public async Task A_port_in_use_stops_the_start_and_names_the_key()
    {
        await using var broker = await KafkaBroker.StartAsync();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => KafkaBroker.StartAsync(("listeners", $"PLAINTEXT://{broker.Endpoint}")));
        Assert.Contains("listeners=PLAINTEXT://" + broker.Endpoint, error.ToString(), StringComparison.Ordinal);
    }
}
