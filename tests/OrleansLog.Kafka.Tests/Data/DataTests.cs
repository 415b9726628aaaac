using OrleansLog.Kafka.Tests.Network;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Compression;
using OrleansLog.Protocol.Messages;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Kafka.Tests.Data;

/// <summary>What the data APIs answer, beyond what golden conversations show.</summary>
public class DataTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    private const short ByIdProduce = 13;
    private const short ByIdFetch = 18;

    [Fact]
    public async Task Topics_are_reached_by_id_and_an_unknown_id_is_told_apart()
    {
        await shared.Broker.CreateTopicAsync("by-id");
        using var client = await shared.Broker.ConnectRawAsync();
        var metadata = await client.AskAsync<MetadataRequestData, MetadataResponseData>(Requests.Metadata("by-id"), 13);
        var id = metadata.Topics[0].TopicId;
        Assert.False(id.IsZero);

        var byId = await client.AskAsync<MetadataRequestData, MetadataResponseData>(
            new() { Topics = [new() { Name = null, TopicId = id }, new() { Name = null, TopicId = new Uuid(1, 2) }] }, 13);
        Assert.Equal([("by-id", ErrorCode.None), (null, ErrorCode.UnknownTopicId)], byId.Topics.Select(topic => (topic.Name, topic.ErrorCode)));

        var produce = Requests.Produce("", [7]);
        produce.TopicData[0].TopicId = id;
        Assert.Equal(ErrorCode.None, ErrorOf(await client.AskAsync<ProduceRequestData, ProduceResponseData>(produce, ByIdProduce)));
        produce.TopicData[0].TopicId = new Uuid(1, 2);
        Assert.Equal(ErrorCode.UnknownTopicId, ErrorOf(await client.AskAsync<ProduceRequestData, ProduceResponseData>(produce, ByIdProduce)));

        var fetch = Requests.Fetch("", 0, maxWaitMs: 60_000);
        fetch.Topics[0].TopicId = id;
        fetch.Topics.Add(new() { TopicId = new Uuid(1, 2), Partitions = [new() { Partition = 0, PartitionMaxBytes = 1000 }] });
        var fetched = await client.AskAsync<FetchRequestData, FetchResponseData>(fetch, ByIdFetch);
        Assert.Equal([ErrorCode.None, ErrorCode.UnknownTopicId], fetched.Responses.Select(topic => topic.Partitions[0].ErrorCode));
        Assert.Equal((1, 0), (fetched.Responses[0].Partitions[0].HighWatermark, fetched.SessionId));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Old_versions_of_produce_are_refused_in_their_own_shape(short version)
    {
        using var client = await shared.Broker.ConnectRawAsync();
        var frame = Convert.FromHexString($"000000250000{version:x4}00000005ffff" + "0001000003e8" + "000000010003746f70" + "0000000100000003ffffffff");
        await client.SendAsync(frame);
        var answer = await client.ReceiveAsync();
        var expected = "00000005" + "000000010003746f70" + "00000001" + "00000003" + "0023" + "ffffffffffffffff"
            + (version >= 2 ? "ffffffffffffffff" : "") + (version >= 1 ? "00000000" : "");
        Assert.Equal(expected, Convert.ToHexStringLower(answer!));
    }

    [Fact]
    public async Task A_request_that_claims_to_be_a_replica_is_refused()
    {
        await shared.Broker.CreateTopicAsync("replica");
        using var client = await shared.Broker.ConnectRawAsync();
        var fetch = Requests.Fetch("replica", 0);
        fetch.ReplicaId = 1;
        var old = await client.AskAsync<FetchRequestData, FetchResponseData>(fetch, Requests.FetchVersion);
        Assert.Equal((ErrorCode.ClusterAuthorizationFailed, ErrorCode.ClusterAuthorizationFailed), (old.ErrorCode, old.Responses[0].Partitions[0].ErrorCode));

        var tagged = Requests.Fetch("", 0);
        tagged.ReplicaState = new() { ReplicaId = 1, ReplicaEpoch = 1 };
        Assert.Equal(ErrorCode.ClusterAuthorizationFailed, (await client.AskAsync<FetchRequestData, FetchResponseData>(tagged, ByIdFetch)).ErrorCode);

        var offsets = await client.AskAsync<ListOffsetsRequestData, ListOffsetsResponseData>(Offsets("replica", -1, replicaId: 1), 5);
        Assert.Equal(ErrorCode.ClusterAuthorizationFailed, offsets.Topics[0].Partitions[0].ErrorCode);
    }

    [Theory]
    [InlineData(-1, 11, ErrorCode.None, 2)]
    [InlineData(-2, 11, ErrorCode.None, 0)]
    [InlineData(-3, 11, ErrorCode.None, 0)]
    [InlineData(-3, 6, ErrorCode.UnsupportedVersion, -1)]
    [InlineData(-4, 8, ErrorCode.None, 0)]
    [InlineData(-4, 7, ErrorCode.UnsupportedVersion, -1)]
    [InlineData(-5, 9, ErrorCode.None, -1)]
    [InlineData(-5, 8, ErrorCode.UnsupportedVersion, -1)]
    [InlineData(-6, 11, ErrorCode.None, -1)]
    [InlineData(-7, 11, ErrorCode.UnsupportedVersion, -1)]
    [InlineData(0, 1, ErrorCode.None, 0)]
    [InlineData(long.MaxValue, 1, ErrorCode.None, -1)]
    public async Task Offsets_are_looked_up_as_each_version_knows_them(long timestamp, short version, ErrorCode error, long offset)
    {
        var topic = $"offsets{timestamp}.{version}".Replace('-', 'm');
        await shared.Broker.CreateTopicAsync(topic);
        using var client = await shared.Broker.ConnectRawAsync();
        for (var i = 0; i < 2; i++)
            await client.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce(topic, [1]), Requests.ProduceVersion);

        var answer = (await client.AskAsync<ListOffsetsRequestData, ListOffsetsResponseData>(Offsets(topic, timestamp), version)).Topics[0].Partitions[0];
        Assert.Equal((error, offset), (answer.ErrorCode, answer.Offset));
    }

    [Fact]
    public async Task A_fetch_without_partitions_waits_for_nothing()
    {
        using var client = await shared.Broker.ConnectRawAsync();
        var fetched = await client.AskAsync<FetchRequestData, FetchResponseData>(
            new() { MaxWaitMs = int.MaxValue, MinBytes = 1, MaxBytes = 1 << 20 }, Requests.FetchVersion);
        Assert.Equal((ErrorCode.None, 0), (fetched.ErrorCode, fetched.Responses.Count));
    }

    /// <summary>KIP-110, and as Kafka does: a topic's own codec is told to be unreadable, a producer's is given to all.</summary>
    [Fact]
    public async Task Zstandard_is_for_versions_that_know_it()
    {
        await shared.Broker.CreateTopicAsync("as-sent");
        await shared.Broker.CreateTopicAsync("as-zstd", 1, ("compression.type", "zstd"));
        using var client = await shared.Broker.ConnectRawAsync();
        var produce = Requests.Produce("as-sent", [1]);
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { Codec = CompressionCodec.Zstd });
        Assert.True(builder.TryAppend(1_700_000_000_000, [], keyIsNull: true, new byte[100], valueIsNull: false));
        produce.TopicData[0].PartitionData[0].Records = builder.Build().ToArray();

        foreach (var version in (short[])[3, 6])
            Assert.Equal(ErrorCode.UnsupportedCompressionType, ErrorOf(await client.AskAsync<ProduceRequestData, ProduceResponseData>(produce, version)));
        Assert.Equal(ErrorCode.None, ErrorOf(await client.AskAsync<ProduceRequestData, ProduceResponseData>(produce, 7)));
        Assert.Equal(ErrorCode.None, ErrorOf(await client.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce("as-zstd", [1]), 3)));

        Assert.Equal((ErrorCode.None, true), await FetchAsync(client, "as-sent", 4));
        Assert.Equal((ErrorCode.UnsupportedCompressionType, false), await FetchAsync(client, "as-zstd", 4));
        Assert.Equal((ErrorCode.UnsupportedCompressionType, false), await FetchAsync(client, "as-zstd", 9));
        Assert.Equal((ErrorCode.None, true), await FetchAsync(client, "as-zstd", 10));
    }

    [Fact]
    public async Task A_topic_is_told_once_however_often_it_is_asked_for()
    {
        await shared.Broker.CreateTopicAsync("once");
        using var client = await shared.Broker.ConnectRawAsync();
        var named = await client.AskAsync<MetadataRequestData, MetadataResponseData>(Requests.Metadata("once", "none", "once", "none"), 1);
        Assert.Equal(["once", "none"], named.Topics.Select(topic => topic.Name));

        var id = (await client.AskAsync<MetadataRequestData, MetadataResponseData>(Requests.Metadata("once"), 13)).Topics[0].TopicId;
        var byId = await client.AskAsync<MetadataRequestData, MetadataResponseData>(
            new() { Topics = [new() { Name = null, TopicId = id }, new() { Name = null, TopicId = id }] }, 13);
        Assert.Equal("once", Assert.Single(byId.Topics).Name);
    }

    /// <summary>KIP-467: a client then fails these alone, or sends the others again.</summary>
    [Theory]
    [InlineData(7, CompressionCodec.None)]
    [InlineData(8, CompressionCodec.None)]
    [InlineData(12, CompressionCodec.Gzip)]
    public async Task The_records_for_which_a_batch_is_refused_are_named(short version, CompressionCodec codec)
    {
        var (compacted, bounded) = ($"compacted-{version}", $"bounded-{version}");
        await shared.Broker.CreateTopicAsync(compacted, 1, ("cleanup.policy", "compact"));
        await shared.Broker.CreateTopicAsync(bounded, 1, ("message.timestamp.after.max.ms", "3600000"));
        using var client = await shared.Broker.ConnectRawAsync();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var later = now + 86_400_000;

        var request = Requests.Produce(compacted, [1]);
        request.TopicData[0].PartitionData[0].Records = Batch(codec, (now, true), (now, false), (now, true), (now, false));
        request.TopicData.Add(new() { Name = bounded, PartitionData = [new() { Index = 0, Records = Batch(codec, (now, true), (later, true), (later, true)) }] });
        var answer = await client.AskAsync<ProduceRequestData, ProduceResponseData>(request, version);

        var (keyless, late) = (answer.Responses[0].PartitionResponses[0], answer.Responses[1].PartitionResponses[0]);
        Assert.Equal((ErrorCode.InvalidRecord, ErrorCode.InvalidTimestamp), (keyless.ErrorCode, late.ErrorCode));
        Assert.Equal(version < 8 ? (int[])[] : [0, 2], keyless.RecordErrors.Select(record => record.BatchIndex));
        Assert.Equal(version < 8 ? (int[])[] : [1, 2], late.RecordErrors.Select(record => record.BatchIndex));
        Assert.All(keyless.RecordErrors, record => Assert.Contains("key", record.BatchIndexErrorMessage!, StringComparison.Ordinal));
        Assert.All(late.RecordErrors, record => Assert.Contains("timestamp", record.BatchIndexErrorMessage!, StringComparison.Ordinal));
        Assert.Equal(version < 8, keyless.ErrorMessage is null);
        Assert.Equal((version < 8, -1), (late.ErrorMessage is null, late.BaseOffset));
    }

    /// <summary>A few compressed bytes may be many records: what an answer names has a bound.</summary>
    [Fact]
    public async Task No_more_than_1000_records_of_a_batch_are_named_and_10000_of_a_request()
    {
        const int Partitions = 12;
        await shared.Broker.CreateTopicAsync("all-keyless", Partitions, ("cleanup.policy", "compact"));
        using var client = await shared.Broker.ConnectRawAsync();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var batch = Batch(CompressionCodec.Gzip, [.. Enumerable.Repeat((now, true), 1001)]);
        var request = Requests.Produce("all-keyless", [1]);
        request.TopicData[0].PartitionData = [.. Enumerable.Range(0, Partitions).Select(index =>
            new ProduceRequestData.PartitionProduceData { Index = index, Records = batch.ToArray() })];

        var answers = (await client.AskAsync<ProduceRequestData, ProduceResponseData>(request, 8)).Responses[0].PartitionResponses;

        Assert.All(answers, answer => Assert.Equal(ErrorCode.InvalidRecord, answer.ErrorCode));
        Assert.Equal([.. Enumerable.Repeat(1000, 10), 0, 0], answers.Select(answer => answer.RecordErrors.Count));
    }

    [Fact]
    public async Task A_batch_that_is_wrong_as_a_whole_names_no_record()
    {
        await shared.Broker.CreateTopicAsync("damaged");
        using var client = await shared.Broker.ConnectRawAsync();
        var request = Requests.Produce("damaged", [1]);
        request.TopicData[0].PartitionData[0].Records!.Value.Span[^1] ^= 1;

        var answer = (await client.AskAsync<ProduceRequestData, ProduceResponseData>(request, 8)).Responses[0].PartitionResponses[0];

        Assert.Equal((ErrorCode.CorruptMessage, 0), (answer.ErrorCode, answer.RecordErrors.Count));
        Assert.NotNull(answer.ErrorMessage);
    }

    [Fact]
    public async Task The_end_of_a_leader_epoch_is_told()
    {
        await shared.Broker.CreateTopicAsync("epochs");
        using var client = await shared.Broker.ConnectRawAsync();
        await client.AskAsync<ProduceRequestData, ProduceResponseData>(Requests.Produce("epochs", [1]), Requests.ProduceVersion);
        var answer = await client.AskAsync<OffsetForLeaderEpochRequestData, OffsetForLeaderEpochResponseData>(
            new()
            {
                ReplicaId = -1,
                Topics = [new() { Topic = "epochs", Partitions = [new() { LeaderEpoch = 0 }, new() { LeaderEpoch = 5 }, new() { Partition = 9 }] }],
            },
            4);
        Assert.Equal(
            [(ErrorCode.None, 0, 1L), (ErrorCode.None, -1, -1L), (ErrorCode.UnknownTopicOrPartition, -1, -1L)],
            answer.Topics[0].Partitions.Select(one => (one.ErrorCode, one.LeaderEpoch, one.EndOffset)));
    }

    [Fact]
    public async Task Topics_come_to_be_when_both_sides_want_it()
    {
        await using var broker = await KafkaBroker.StartAsync(("auto.create.topics.enable", "true"), ("num.partitions", "2"));
        using var client = await broker.ConnectRawAsync();
        var unwanted = Requests.Metadata("auto");
        unwanted.AllowAutoTopicCreation = false;
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await client.AskAsync<MetadataRequestData, MetadataResponseData>(unwanted, 4)).Topics[0].ErrorCode);

        var wanted = await client.AskAsync<MetadataRequestData, MetadataResponseData>(Requests.Metadata("auto", "not valid", "__consumer_offsets", "__cluster_metadata"), 4);
        Assert.Equal(
            [(ErrorCode.None, 2), (ErrorCode.InvalidTopicException, 0), (ErrorCode.UnknownTopicOrPartition, 0), (ErrorCode.UnknownTopicOrPartition, 0)],
            wanted.Topics.Select(topic => (topic.ErrorCode, topic.Partitions.Count)));
        Assert.Equal(broker.Endpoint.Port, wanted.Brokers.Single().Port);
    }

    [Fact]
    public async Task A_client_is_told_the_endpoint_of_the_listener_that_it_came_to()
    {
        await using var broker = await KafkaBroker.StartAsync(
            ("listeners", "PLAINTEXT://0.0.0.0:0,OUTSIDE://127.0.0.1:0"),
            ("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,OUTSIDE:PLAINTEXT"),
            ("advertised.listeners", "OUTSIDE://log.example:1234"));
        var bound = ((IKafkaListeners)broker.Services.GetService(typeof(IKafkaListeners))!).Bound;
        Assert.Equal([("127.0.0.1", bound[0].Bound.Port)], await BrokersAsync(bound[0].Bound.Port));
        Assert.Equal([("log.example", 1234)], await BrokersAsync(bound[1].Bound.Port));
    }

    private static byte[] Batch(CompressionCodec codec, params (long TimestampMs, bool KeyIsNull)[] records)
    {
        using var builder = new RecordBatchBuilder(new RecordBatchBuilderOptions { Codec = codec });
        foreach (var (timestampMs, keyIsNull) in records)
            Assert.True(builder.TryAppend(timestampMs, "k"u8, keyIsNull, "v"u8, valueIsNull: false));

        return builder.Build().ToArray();
    }

    private static async Task<(ErrorCode Error, bool HasRecords)> FetchAsync(RawClient client, string topic, short version)
    {
        var fetched = await client.AskAsync<FetchRequestData, FetchResponseData>(Requests.Fetch(topic, 0, maxWaitMs: 60_000), version);
        var partition = fetched.Responses[0].Partitions[0];
        return (partition.ErrorCode, partition.Records is { IsEmpty: false });
    }

    private static async Task<IEnumerable<(string Host, int Port)>> BrokersAsync(int port)
    {
        using var client = await RawClient.ConnectAsync(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port));
        var metadata = await client.AskAsync<MetadataRequestData, MetadataResponseData>(Requests.Metadata(), 4);
        return metadata.Brokers.Select(broker => (broker.Host, broker.Port));
    }

    private static ErrorCode ErrorOf(ProduceResponseData response) => response.Responses[0].PartitionResponses[0].ErrorCode;

    private static ListOffsetsRequestData Offsets(string topic, long timestamp, int replicaId = -1) => new()
    {
        ReplicaId = replicaId,
        Topics = [new() { Name = topic, Partitions = [new() { Timestamp = timestamp }] }],
    };
}
