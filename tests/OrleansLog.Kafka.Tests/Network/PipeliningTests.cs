using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Network;

/// <summary>A client that sends on and on and reads nothing: the broker takes what the bounds of a connection let in, and reads it no further.</summary>
public sealed class PipeliningTests : IDisposable
{
    private const int Fetches = 1000;

    private readonly CancellationTokenSource _ended = new();

    public void Dispose() => _ended.Dispose();

    [Fact]
    public async Task Requests_above_queued_max_requests_stay_in_the_socket()
    {
        const int Most = 5;

        // In work, and one that was read and waits for its turn.
        await AssertProduceHeldAsync(frameBytes => (Most + 1) * frameBytes, ("queued.max.requests", $"{Most}"));
    }

    [Fact]
    public async Task Requests_above_the_bytes_of_a_connection_stay_in_the_socket()
    {
        const int Most = 1_048_576;

        // The one that passes the bound, and one that was read and waits for its turn.
        await AssertProduceHeldAsync(
            frameBytes => Most + (2 * frameBytes),
            ("orleanslog.connection.request.max.bytes", $"{Most}"), ("queued.max.requests", "8000"));
    }

    [Fact]
    public async Task Fetches_that_wait_for_records_keep_the_next_one_waiting()
    {
        await using var broker = await StartAsync();
        using var client = await broker.ConnectRawAsync();
        var frame = RawClient.Frame(Requests.Fetch("piped", 0, maxWaitMs: 600_000), Requests.FetchVersion, 7);
        Assert.Equal(Fetches, await SendAsync(client, frame, Fetches));

        // The one in work, and one that was read and waits for its turn.
        await HeldRequests.AssertAsync(broker, 2 * HeldRequests.BytesOf(frame), 2 * HeldRequests.BytesOf(frame));
    }

    [Fact]
    public async Task A_client_that_reads_its_fetches_late_loses_nothing()
    {
        const int Answers = 5;
        await using var broker = await StartAsync();
        using (var writer = await broker.ConnectRawAsync())
            await writer.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce("piped", new byte[900_000]), Requests.ProduceVersion);

        using var client = await RawClient.ConnectAsync(broker.Endpoint, receiveBufferBytes: 131_072);
        var frame = RawClient.Frame(Requests.Fetch("piped", 0), Requests.FetchVersion, 7);
        var sending = SendAsync(client, frame, Fetches);

        // The one whose answer does not go, and perhaps one that was read and waits for its turn.
        await HeldRequests.AssertAsync(broker, HeldRequests.BytesOf(frame), 2 * HeldRequests.BytesOf(frame));
        for (var i = 0; i < Answers; i++)
        {
            var answer = await client.ReceiveAsync<FetchResponseData>(Requests.FetchVersion, 7);
            Assert.InRange(answer.Responses[0].Partitions[0].Records!.Value.Length, 900_000, 901_000);
        }

        await _ended.CancelAsync();
        await sending;
    }

    private async Task AssertProduceHeldAsync(Func<int, int> mostBytes, params (string Key, string Value)[] settings)
    {
        // More than the buffers of both sides take in.
        const int Requested = 4000;
        await using var broker = await StartAsync([("socket.send.buffer.bytes", "4096"), .. settings]);
        using var client = await RawClient.ConnectAsync(broker.Endpoint, receiveBufferBytes: 16_384);
        var frame = RawClient.Frame(Requests.Produce("piped", new byte[8000]), Requests.ProduceVersion, 7);
        var sending = SendAsync(client, frame, Requested);
        await HeldRequests.AssertAsync(broker, 2 * HeldRequests.BytesOf(frame), mostBytes(HeldRequests.BytesOf(frame)));
        Assert.False(sending.IsCompleted, "everything was read");

        // What was sent is answered once the client reads: once each, in order.
        for (var offset = 0; offset < Requested; offset++)
        {
            var answer = await client.ReceiveAsync<ProduceResponseData>(Requests.ProduceVersion, 7);
            Assert.Equal((ErrorCode.None, offset), (answer.Responses[0].PartitionResponses[0].ErrorCode, answer.Responses[0].PartitionResponses[0].BaseOffset));
        }

        Assert.Equal(Requested, await sending);
    }

    private static async Task<KafkaBroker> StartAsync(params (string Key, string Value)[] settings)
    {
        var broker = await KafkaBroker.StartAsync([("orleanslog.flush.policy", "os"), .. settings]);
        await broker.CreateTopicAsync("piped");
        return broker;
    }

    /// <summary>How often the frame went out until all were sent, or the test ended.</summary>
    private Task<int> SendAsync(RawClient client, byte[] frame, int count) => Task.Run(async () =>
    {
        var sent = 0;
        try
        {
            for (; sent < count; sent++)
                await client.SendAsync(frame, _ended.Token);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
        }

        return sent;
    });
}
