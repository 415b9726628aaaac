using System.Buffers.Binary;
using OrleansLog.Kafka.Tests.Network;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Kafka.Tests.Hostile;

/// <summary>Requests that are made to hurt (faults 15 and 16): a typed error or a close, and no memory that the sender did not pay for.</summary>
[Collection(Alone.Name)]
public class HostileRequestTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    /// <summary>What readers may allocate beside twice the frame, and what the test and the silo do meanwhile.</summary>
    private const long Extra = 2 * MessageReader.DefaultExtraMemoryBytes;

    [Fact]
    public async Task Twenty_million_tagged_fields_close_the_connection_at_little_cost()
    {
        const int Tags = 20_000_000;
        byte[] header = [0, 18, 0, 3, 0, 0, 0, 1, 0xff, 0xff, 0, 1, 1];
        var count = new byte[5];
        var countBytes = Protocol.Varint.WriteUnsigned(count, Tags);
        var frame = new byte[sizeof(int) + header.Length + countBytes + (2 * Tags)];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - sizeof(int));
        header.CopyTo(frame, sizeof(int));
        count.AsSpan(0, countBytes).CopyTo(frame.AsSpan(sizeof(int) + header.Length));
        await AssertClosedAsync(frame);
    }

    [Theory]
    [InlineData(ApiKey.Metadata, 4, "7fffffff")]
    [InlineData(ApiKey.Metadata, 4, "80000000")]
    [InlineData(ApiKey.Metadata, 12, "00ffffffff0f")]
    [InlineData(ApiKey.DescribeGroups, 0, "05f5e100")]
    [InlineData(ApiKey.LeaveGroup, 3, "0001617fffffff")]
    [InlineData(ApiKey.FindCoordinator, 4, "0000ffffffff0f")]
    [InlineData(ApiKey.DescribeConfigs, 1, "7fffffff")]
    [InlineData(ApiKey.OffsetFetch, 1, "0001617fffffff")]
    public async Task An_array_that_is_longer_than_its_frame_closes_the_connection(ApiKey api, short version, string body)
    {
        byte[] bytes = [0, (byte)api, 0, (byte)version, 0, 0, 0, 1, 0xff, 0xff, .. Convert.FromHexString(body)];
        await AssertClosedAsync([0, 0, 0, (byte)bytes.Length, .. bytes]);
    }

    [Theory]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public async Task A_decompression_bomb_is_refused_at_the_cap(CompressionCodec codec)
    {
        await using var broker = await KafkaBroker.StartAsync(("orleanslog.flush.policy", "os"), ("orleanslog.batch.decompressed.max.bytes", "1048576"));
        await broker.CreateTopicAsync("compacted", 1, ("cleanup.policy", "compact"));
        await broker.CreateTopicAsync("forced", 1, ("compression.type", codec == CompressionCodec.Lz4 ? "zstd" : "lz4"));
        using var client = await broker.ConnectRawAsync();
        var bomb = Bomb(codec);
        foreach (var topic in new[] { "compacted", "forced" })
        {
            var before = GC.GetTotalAllocatedBytes();
            var answer = await client.AskAsync<ProduceRequestData, ProduceResponseData>(ProduceOf(topic, bomb), Requests.ProduceVersion);
            Assert.Equal(ErrorCode.MessageTooLarge, answer.Responses[0].PartitionResponses[0].ErrorCode);
            Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 8L << 20);
        }

        var good = await client.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce("forced", [1]), Requests.ProduceVersion);
        Assert.Equal(ErrorCode.None, good.Responses[0].PartitionResponses[0].ErrorCode);
    }

    /// <summary>Found by the fuzzer: the base offset is outside the checksum, and a negative one ended the process.</summary>
    [Fact]
    public async Task A_batch_that_says_it_is_at_a_negative_offset_gets_its_own_place()
    {
        await shared.Broker.CreateTopicAsync("negative");
        using var client = await shared.Broker.ConnectRawAsync();
        for (var offset = 0; offset < 2; offset++)
        {
            var request = Requests.Produce("negative", [1, 2, 3]);
            BinaryPrimitives.WriteInt64BigEndian(request.TopicData[0].PartitionData[0].Records!.Value.Span, offset == 0 ? long.MinValue : -1);
            var answer = (await client.AskAsync<ProduceRequestData, ProduceResponseData>(request, Requests.ProduceVersion)).Responses[0].PartitionResponses[0];
            Assert.Equal((ErrorCode.None, offset), (answer.ErrorCode, answer.BaseOffset));
        }
    }

    [Fact]
    public async Task A_million_partitions_are_refused_by_the_key_that_says_so()
    {
        await using var broker = await KafkaBroker.StartAsync(("orleanslog.flush.policy", "os"), ("orleanslog.request.partitions.max", "5"));
        using var client = await broker.ConnectRawAsync();
        foreach (var (count, error) in new[] { (1_000_000, ErrorCode.PolicyViolation), (int.MaxValue, ErrorCode.PolicyViolation), (6, ErrorCode.PolicyViolation), (5, ErrorCode.None) })
        {
            var answer = (await client.AskAsync<CreateTopicsRequestData, CreateTopicsResponseData>(
                new() { TimeoutMs = 30_000, Topics = [new() { Name = "wide", NumPartitions = count, ReplicationFactor = 1 }] }, 5)).Topics[0];
            Assert.Equal(error, answer.ErrorCode);
            Assert.True(error == ErrorCode.None || answer.ErrorMessage!.Contains("orleanslog.request.partitions.max", StringComparison.Ordinal), answer.ErrorMessage);
        }
    }

    [Fact]
    public async Task Small_requests_that_never_end_keep_no_other_client_waiting()
    {
        await using var broker = await KafkaBroker.StartAsync(
            ("orleanslog.flush.policy", "os"), ("queued.max.request.bytes", "262144"), ("socket.request.max.bytes", "1048576"));
        var clients = new List<RawClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(await broker.ConnectRawAsync());
            await clients[i].SendAsync(new byte[] { 0, 0, 0xf0, 0, 0, 18, 0, 0 });
        }

        using var other = await broker.ConnectRawAsync();
        await other.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(new(), 0);
        clients.ForEach(static client => client.Dispose());
    }

    [Fact]
    public async Task A_request_that_trickles_is_closed()
    {
        await using var broker = await KafkaBroker.StartAsync(("orleanslog.request.stall.max.ms", "500"));
        using var client = await broker.ConnectRawAsync();
        await client.SendAsync(new byte[] { 0, 0, 1, 0 });
        var closed = client.AssertClosedAsync();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var sent = 0; !closed.IsCompleted; sent++)
        {
            Assert.True(sent < 200, "a byte now and then kept the connection");
            await pace.WaitForNextTickAsync();
            try
            {
                await client.SendAsync(new byte[1]);
            }
            catch (System.Net.Sockets.SocketException)
            {
                break;
            }
        }

        await closed;
    }

    [Fact]
    public async Task A_partition_that_is_named_twice_has_no_offset()
    {
        await shared.Broker.CreateTopicAsync("twice", 2);
        using var client = await shared.Broker.ConnectRawAsync();
        var answer = await client.AskAsync<ListOffsetsRequestData, ListOffsetsResponseData>(
            new()
            {
                ReplicaId = -1,
                Topics = [new() { Name = "twice", Partitions = [new() { Timestamp = -1 }, new() { PartitionIndex = 1, Timestamp = -1 }, new() { Timestamp = -2 }] }],
            },
            7);
        Assert.Equal(
            [(ErrorCode.InvalidRequest, -1L), (ErrorCode.None, 0L), (ErrorCode.InvalidRequest, -1L)],
            answer.Topics[0].Partitions.Select(one => (one.ErrorCode, one.Offset)));
    }

    private async Task AssertClosedAsync(byte[] frame)
    {
        using var client = await shared.Broker.ConnectRawAsync();
        var before = GC.GetTotalAllocatedBytes();
        try
        {
            await client.SendAsync(frame);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Closed before it had the whole.
        }

        await client.AssertClosedAsync();
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, (2L * frame.Length) + Extra);
        using var other = await shared.Broker.ConnectRawAsync();
        await other.AskAsync<ApiVersionsRequestData, ApiVersionsResponseData>(new(), 0);
    }

    private static byte[] Bomb(CompressionCodec codec)
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { Codec = codec, CapacityBytes = 16 << 20 });
        Assert.True(builder.TryAppend(1_700_000_000_000, [1], keyIsNull: false, new byte[8 << 20], valueIsNull: false));
        return builder.Build().ToArray();
    }

    private static ProduceRequestData ProduceOf(string topic, byte[] batch) => new()
    {
        Acks = 1,
        TimeoutMs = 30_000,
        TopicData = [new() { Name = topic, PartitionData = [new() { Records = batch }] }],
    };
}
