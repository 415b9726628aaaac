using System.Collections.Concurrent;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using OrleansLog.TestKit;

namespace Interop.Tests.Clients;

/// <summary>Confluent.Kafka (librdkafka), in this process; also the reader that the others are compared with.</summary>
public sealed class ConfluentClient(string bootstrapServers) : IInteropClient
{
    private readonly ConcurrentDictionary<(string Codec, bool Idempotent), Lazy<IProducer<byte[]?, byte[]?>>> _producers = new();
    private readonly ConcurrentDictionary<string, ConfluentMember> _members = new();
    private readonly IAdminClient _admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
    private bool _isDisposed;

    public ClientTraits Traits { get; } = new() { Client = "Confluent.Kafka" };

    public async Task ProduceAsync(string topic, int partition, string codec, bool idempotent, IReadOnlyList<Rec> records)
    {
        var producer = _producers.GetOrAdd((codec, idempotent), how => new(() => MakeProducer(how))).Value;
        await Task.WhenAll(records.Select(record => producer.ProduceAsync(new TopicPartition(topic, partition), MessageOf(record))));
    }

    public Task<Rec[]> ConsumeAsync(string topic, int count) => OwnThread.RunAsync(() => Consume(topic, count));

    public Task JoinAsync(string group, string topic, string member, TimeSpan session)
    {
        _members[member] = new ConfluentMember(MakeConsumer(group, session), topic);
        return Task.CompletedTask;
    }

    public Task<MemberView> ViewAsync(string member) => Task.FromResult(_members[member].View());

    public Task LeaveAsync(string member) => _members.TryRemove(member, out var one) ? one.LeaveAsync() : throw new KeyNotFoundException(member);

    public Task CreateTopicAsync(string topic, int partitions, IReadOnlyDictionary<string, string> configs) => _admin.CreateTopicsAsync(
        [new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1, Configs = new Dictionary<string, string>(configs) }]);

    public Task DeleteTopicAsync(string topic) => _admin.DeleteTopicsAsync([topic]);

    public Task<string[]> TopicsAsync() => OwnThread.RunAsync(() => _admin.GetMetadata(Pause.Hangs).Topics.Select(topic => topic.Topic).ToArray());

    public Task<int> PartitionsAsync(string topic) => OwnThread.RunAsync(() => _admin.GetMetadata(topic, Pause.Hangs).Topics.Single().Partitions.Count);

    public async Task<string> TopicConfigAsync(string topic, string name)
    {
        var found = await _admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = topic }]);
        return found.Single().Entries[name].Value;
    }

    public async Task<OffsetsView> OffsetsAsync(string topic, long timestamp)
    {
        async Task<long> At(OffsetSpec spec) => (await _admin.ListOffsetsAsync(
            [new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, 0), OffsetSpec = spec }])).ResultInfos.Single().TopicPartitionOffsetError.Offset.Value;

        return new OffsetsView(await At(OffsetSpec.Earliest()), await At(OffsetSpec.Latest()), await At(OffsetSpec.ForTimestamp(timestamp)));
    }

    public async Task<string[]> GroupsAsync() => [.. (await _admin.ListConsumerGroupsAsync()).Valid.Select(group => group.GroupId)];

    public async Task<int> GroupMembersAsync(string group) =>
        (await _admin.DescribeConsumerGroupsAsync([group])).ConsumerGroupDescriptions.Single().Members.Count;

    public async Task<long> CommittedAsync(string group, string topic, int partition)
    {
        var found = await _admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions(group, [new TopicPartition(topic, partition)])]);
        return found.Single().Partitions.Single().Offset.Value;
    }

    public Task DeleteGroupAsync(string group) => _admin.DeleteGroupsAsync([group]);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;

        foreach (var member in _members.Values)
            await member.DieAsync();

        await OwnThread.RunAsync(() =>
        {
            foreach (var producer in _producers.Values)
                producer.Value.Dispose();

            _admin.Dispose();
        });
    }

    internal static Rec RecordOf(ConsumeResult<byte[]?, byte[]?> result) => new()
    {
        Offset = result.Offset.Value,
        Key = result.Message.Key,
        Value = result.Message.Value,
        Timestamp = result.Message.Timestamp.UnixTimestampMs,
        Headers = [.. result.Message.Headers.Select(header => new[] { header.Key, header.GetValueBytes() is { } value ? Convert.ToBase64String(value) : null })],
    };

    private Rec[] Consume(string topic, int count)
    {
        using var consumer = MakeConsumer("reader-" + Guid.NewGuid().ToString("N"), Pause.Hangs);
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        return Enumerable.Range(0, count)
            .Select(number => RecordOf(consumer.Consume(Pause.Hangs) ?? throw new TimeoutException($"{number} of {count} records of {topic} came"))).ToArray();
    }

    private static Message<byte[]?, byte[]?> MessageOf(Rec record)
    {
        var headers = new Headers();
        foreach (var header in record.Headers)
            headers.Add(header[0]!, header[1] is { } value ? Convert.FromBase64String(value) : null);

        return new Message<byte[]?, byte[]?> { Key = record.Key, Value = record.Value, Headers = headers, Timestamp = new Timestamp(record.Timestamp, TimestampType.CreateTime) };
    }

    private IProducer<byte[]?, byte[]?> MakeProducer((string Codec, bool Idempotent) how) => new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig
    {
        BootstrapServers = bootstrapServers,
        CompressionType = Enum.Parse<CompressionType>(how.Codec, ignoreCase: true),
        EnableIdempotence = how.Idempotent,
        Acks = Acks.All,
        LingerMs = 20,
        MessageMaxBytes = 1_048_588,
    }).SetKeySerializer(Serializers.ByteArray!).SetValueSerializer(Serializers.ByteArray!).Build();

    private IConsumer<byte[]?, byte[]?> MakeConsumer(string group, TimeSpan session) => new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
    {
        BootstrapServers = bootstrapServers,
        GroupId = group,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        AutoCommitIntervalMs = 200,
        SessionTimeoutMs = (int)session.TotalMilliseconds,
        HeartbeatIntervalMs = 300,
        FetchWaitMaxMs = 200,
        CheckCrcs = true,
    }).SetKeyDeserializer(BytesOrNull.Instance!).SetValueDeserializer(BytesOrNull.Instance!).Build();

    /// <summary>Null stays null, empty stays empty.</summary>
    private sealed class BytesOrNull : IDeserializer<byte[]?>
    {
        public static readonly BytesOrNull Instance = new();

        public byte[]? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => isNull ? null : data.ToArray();
    }
}

/// <summary>A member on a thread of its own.</summary>
internal sealed class ConfluentMember
{
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly CancellationTokenSource _leaving = new();
    private readonly ConcurrentQueue<JsonElement[]> _received = new();
    private readonly Task _polling;
    private volatile int[] _assigned = [];
    private volatile bool _dies;

    public ConfluentMember(IConsumer<byte[]?, byte[]?> consumer, string topic)
    {
        _consumer = consumer;
        _polling = OwnThread.RunAsync(() => Poll(topic));
    }

    public MemberView View()
    {
        // What ended it is the reason why nothing comes.
        if (_polling.IsFaulted)
            _polling.GetAwaiter().GetResult();

        return new MemberView(_assigned, [.. _received]);
    }

    public async Task LeaveAsync()
    {
        await _leaving.CancelAsync();
        await _polling;
        _leaving.Dispose();
    }

    public Task DieAsync()
    {
        _dies = true;
        return LeaveAsync();
    }

    private void Poll(string topic)
    {
        _consumer.Subscribe(topic);
        while (!_leaving.IsCancellationRequested)
        {
            var result = _consumer.Consume(TimeSpan.FromMilliseconds(50));
            if (result is { Message: not null })
            {
                _received.Enqueue([Element(result.Partition.Value), Element(result.Offset.Value), Element(result.Message.Value)]);
            }

            _assigned = [.. _consumer.Assignment.Select(partition => partition.Partition.Value)];
        }

        if (!_dies)
            _consumer.Close();

        _consumer.Dispose();
    }

    private static JsonElement Element<T>(T value) => JsonSerializer.SerializeToElement(value);
}
