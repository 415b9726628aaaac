using System.Buffers.Binary;
using System.Text;
using OrleansLog.Protocol.Messages;
using OrleansLog.TestKit;

namespace OrleansLog.Protocol.Tests.Messages;

public class MessageBufferTests
{
    [Fact]
    public void Records_over_4_KiB_are_referenced_and_sent_from_where_they_are()
    {
        byte[] records = new byte[MessageBuffer.ReferenceAboveBytes + 1];
        records[^1] = 7;
        using var buffer = new MessageBuffer();
        int size = MessageFrame.WriteResponse(buffer, FetchOf(records), 13, 42);
        Assert.Equal(3, buffer.Segments.Count);
        Assert.True(buffer.Segments[1].Span == records);
        byte[] all = buffer.ToArray();
        Assert.Equal(all.Length, buffer.Length);
        Assert.Equal(size, BinaryPrimitives.ReadInt32BigEndian(all));
        Assert.Equal(all.Length - MessageFrame.SizeBytes, size);
        Assert.Equal(records, Body<FetchResponseData>(all, headerBytes: 5, 13).Responses[0].Partitions[0].Records!.Value.ToArray());
    }

    [Fact]
    public void A_long_tagged_section_is_moved_and_what_is_referenced_behind_it_stays_in_its_place()
    {
        byte[] records = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];
        FetchResponseData response = FetchOf(records);
        response.Responses[0].Partitions.Add(new() { Records = records, DivergingEpoch = new() { Epoch = 3, EndOffset = 9 } });
        for (int i = 0; i < 100; i++) response.NodeEndpoints.Add(new() { NodeId = i, Host = new string('h', 20), Port = 9092 });
        using var buffer = new MessageBuffer(16);
        _ = MessageFrame.WriteResponse(buffer, response, 17, 1);
        FetchResponseData read = Body<FetchResponseData>(buffer.ToArray(), headerBytes: 5, 17);
        Assert.Equal(100, read.NodeEndpoints.Count);
        Assert.All(read.Responses[0].Partitions, partition => Assert.Equal(records, partition.Records!.Value.ToArray()));
        Assert.Equal(9, read.Responses[0].Partitions[1].DivergingEpoch!.EndOffset);
    }

    [Fact]
    public void A_buffer_is_reused_after_it_was_cleared()
    {
        using var buffer = new MessageBuffer();
        for (int i = 0; i < 3; i++)
        {
            buffer.Clear();
            int size = MessageFrame.WriteRequest(buffer, new HeartbeatRequestData { GroupId = "g" }, 4, i, "me");
            Assert.Equal(size + MessageFrame.SizeBytes, buffer.Length);
            Assert.Single(buffer.Segments);
        }
    }

    [Fact]
    public void A_request_frame_has_the_header_that_its_version_asks_for()
    {
        using var buffer = new MessageBuffer();
        _ = MessageFrame.WriteRequest(buffer, new ApiVersionsRequestData { ClientSoftwareName = "a" }, 3, 7, "me");
        var reader = new MessageReader(buffer.ToArray().AsMemory(MessageFrame.SizeBytes));
        RequestHeaderData header = RequestHeaderData.Read(ref reader, ApiCatalog.RequestHeaderVersion(ApiKey.ApiVersions, 3))!;
        Assert.Equal((18, 3, 7, "me"), (header.RequestApiKey, header.RequestApiVersion, header.CorrelationId, header.ClientId));
        Assert.Equal("a", ApiVersionsRequestData.Read(ref reader, 3)!.ClientSoftwareName);
    }

    [Fact]
    public void The_response_header_of_ApiVersions_is_never_flexible()
    {
        Assert.Equal(2, ApiCatalog.RequestHeaderVersion(ApiKey.ApiVersions, 3));
        Assert.Equal(0, ApiCatalog.ResponseHeaderVersion(ApiKey.ApiVersions, 3));
        Assert.Equal(1, ApiCatalog.ResponseHeaderVersion(ApiKey.Metadata, 9));
        Assert.Equal(0, ApiCatalog.ResponseHeaderVersion(ApiKey.Metadata, 8));
        Assert.Equal("Fetch", ApiCatalog.NameOf(ApiKey.Fetch));
        Assert.Equal("999", ApiCatalog.NameOf((ApiKey)999));
        Assert.False(ApiCatalog.IsDeclared((ApiKey)999));
    }

    [Fact]
    public void A_string_that_does_not_fit_an_int16_length_is_refused_when_written()
    {
        var message = new HeartbeatRequestData { GroupId = new string('g', 40_000) };
        Assert.Throws<ArgumentException>(() => MessageCodec.Write(message, 3));
        Assert.Equal(40_000, ((HeartbeatRequestData)MessageCodec.Of(nameof(HeartbeatRequestData)).Read(MessageCodec.Write(message, 4), 4, out _)!).GroupId.Length);
    }

    [Fact]
    public void The_cache_gives_the_same_string_for_the_same_bytes_and_only_for_those()
    {
        var cache = new StringCache(1); // everything meets in one slot
        string? first = cache.Get("orders"u8);
        Assert.Same(first, cache.Get("orders"u8));
        Assert.Equal("payments", cache.Get("payments"u8));
        Assert.Equal("orderz", cache.Get("orderz"u8));
        Assert.NotSame(first, cache.Get("orders"u8));
        Assert.Null(cache.Get(Encoding.UTF8.GetBytes("größe")));
        Assert.Null(cache.Get(new byte[StringCache.MaxStringBytes + 1]));
        Assert.Null(cache.Get([0xFF]));
    }

    [Fact]
    public void Reading_a_produce_request_takes_under_1_KiB_with_a_cache()
    {
        var request = new ProduceRequestData { Acks = -1, TimeoutMs = 1000 };
        request.TopicData.Add(new() { Name = "a-topic-with-a-name", PartitionData = [new() { Index = 3, Records = new byte[1 << 20] }] });
        byte[] bytes = MessageCodec.Write(request, 9);
        var strings = new StringCache();
        long least = Allocations.LeastOf(() =>
        {
            var reader = new MessageReader(bytes, strings);
            Assert.NotNull(ProduceRequestData.Read(ref reader, 9));
        });

        Assert.InRange(least, 1, 1024);
    }

    [Fact]
    public void Writing_a_fetch_response_into_a_buffer_in_use_allocates_nothing()
    {
        FetchResponseData response = FetchOf(new byte[1 << 20]);
        using var buffer = new MessageBuffer();
        long least = Allocations.LeastOf(() =>
        {
            buffer.Clear();
            _ = MessageFrame.WriteResponse(buffer, response, 16, 1);
            _ = buffer.Segments[0].Length;
        });

        Assert.Equal(0, least);
    }

    private static FetchResponseData FetchOf(byte[] records) => new()
    {
        Responses = [new() { TopicId = new Uuid(1, 2), Partitions = [new() { PartitionIndex = 5, HighWatermark = 10, Records = records }] }],
    };

    private static T Body<T>(byte[] frame, int headerBytes, short version)
        where T : class, IMessage<T>
    {
        var reader = new MessageReader(frame.AsMemory(MessageFrame.SizeBytes + headerBytes));
        T? message = T.Read(ref reader, version);
        Assert.Equal(MessageFault.None, reader.Fault);
        return message!;
    }
}
