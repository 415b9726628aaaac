using System.Collections.Concurrent;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Client.Tests;

/// <summary>A cluster in memory, of one broker, whose answers a test can lose, delay or forge.</summary>
internal sealed partial class FakeCluster(TimeProvider time) : ILogTransport, IAdminTransport
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FakePartition[]> _topics = [];
    private readonly List<TaskCompletionSource> _waiting = [];
    private readonly List<TaskCompletionSource> _fetchWatchers = [];
    private long _version = 1;
    private long _lastProducerId;

    /// <summary>Asked before a batch is stored: null stores it.</summary>
    public Func<ProduceRequest, ValueTask<ProduceResult?>>? OnProduce { get; set; }

    /// <summary>Asked after a batch is stored: what the producer hears instead.</summary>
    public Func<ProduceRequest, ProduceResult, ValueTask<ProduceResult>>? OnStored { get; set; }

    /// <summary>Asked for each partition of a fetch: <see cref="ErrorCode.None"/> reads it.</summary>
    public Func<FetchPartition, ErrorCode>? OnFetch { get; set; }

    /// <summary>Where a reader's history and the log's part, if they do.</summary>
    public Func<FetchPartition, EpochEndOffset?>? OnHistory { get; set; }

    /// <summary>Asked for each metadata request.</summary>
    public Func<ValueTask>? OnMetadata { get; set; }

    /// <summary>Asked for each producer id: null hands out the next one.</summary>
    public Func<InitProducerIdRequest, InitProducerIdResult?>? OnInitProducerId { get; set; }

    /// <summary><c>auto.create.topics.enable</c>.</summary>
    public bool AutoCreates { get; set; }

    /// <summary>The partition whose loss may be accepted.</summary>
    public TopicPartition? LeaderlessPartition { get; set; }

    /// <summary>False: batches are counted, not kept.</summary>
    public bool KeepsRecords { get; set; } = true;

    public ConcurrentQueue<(TopicPartition Partition, int Records, int Bytes)> Produced { get; } = new();

    public int MetadataRequests { get; private set; }

    public int FetchRequests { get; private set; }

    public int LeasesOut => Volatile.Read(ref _leasesOut);

    private int _leasesOut;

    public FakePartition this[TopicPartition partition]
    {
        get
        {
            lock (_gate)
                return _topics[partition.Topic][partition.Partition];
        }
    }

    public void AddTopic(string name, int partitions = 1)
    {
        lock (_gate)
        {
            _topics.TryGetValue(name, out var old);
            _topics[name] = [.. Enumerable.Range(0, partitions).Select(i => old is not null && i < old.Length ? old[i] : new FakePartition())];
            _version++;
        }
    }

    public IEnumerable<TopicPartition> PartitionsOf(string topic)
    {
        lock (_gate)
            return [.. Enumerable.Range(0, _topics.TryGetValue(topic, out var partitions) ? partitions.Length : 0).Select(i => new TopicPartition(topic, i))];
    }

    public void RemoveTopic(string name)
    {
        lock (_gate)
        {
            _topics.Remove(name);
            _version++;
        }
    }

    /// <summary>All records of a partition, as text.</summary>
    public List<(long Offset, string? Key, string? Value)> Read(TopicPartition partition)
    {
        var read = new List<(long, string?, string?)>();
        foreach (var batch in this[partition].Snapshot())
        {
            using var records = BatchRecords.Open(batch, int.MaxValue, out var error);
            Assert.Equal(ErrorCode.None, error);
            foreach (ref readonly var record in records!)
            {
                read.Add((
                    record.Offset,
                    record.IsKeyNull ? null : System.Text.Encoding.UTF8.GetString(record.Key.Span),
                    record.IsValueNull ? null : System.Text.Encoding.UTF8.GetString(record.Value.Span)));
            }
        }

        return read;
    }

    /// <summary>Writes records behind the producer's back; returns the offset of the first.</summary>
    public long Append(TopicPartition partition, params string?[] values) =>
        Append(partition, new RecordBatchBuilderOptions(), 1_000, values);

    public long Append(TopicPartition partition, RecordBatchBuilderOptions options, long timestampMs, params string?[] values)
    {
        using var builder = new RecordBatchBuilder(options with { CapacityBytes = 1 << 20 });
        foreach (var value in values)
        {
            var bytes = value is null ? [] : System.Text.Encoding.UTF8.GetBytes(value);
            Assert.True(builder.TryAppend(timestampMs, default, true, bytes, value is null));
        }

        return AppendBytes(partition, builder.Build().ToArray());
    }

    public long AppendBytes(TopicPartition partition, byte[] batch)
    {
        long offset;
        lock (_gate)
            offset = _topics[partition.Topic][partition.Partition].Append(batch);
        Changed();
        return offset;
    }

    public async ValueTask<ProduceResult> ProduceAsync(ProduceRequest request, CancellationToken cancellationToken)
    {
        if (OnProduce is { } before && await before(request) is { } refused)
            return refused;
        Assert.True(RecordBatchHeader.TryRead(request.Batch.Span, out var header));
        Produced.Enqueue((request.Partition, header.RecordCount, request.Batch.Length));
        FakePartition partition;
        lock (_gate)
        {
            if (!_topics.TryGetValue(request.Partition.Topic, out var partitions) || request.Partition.Partition >= partitions.Length)
                return ProduceResult.Failure(ErrorCode.UnknownTopicOrPartition, ProduceOutcome.NotStored);
            partition = partitions[request.Partition.Partition];
        }

        ProduceResult result;
        if (KeepsRecords)
        {
            var (error, offset) = partition.TryAppend(request.Batch.ToArray());
            result = error == ErrorCode.None
                ? ProduceResult.Success(offset, -1, partition.LogStart)
                : ProduceResult.Failure(error, ProduceOutcome.NotStored);
        }
        else
        {
            result = ProduceResult.Success(partition.Skip(header.RecordCount), -1, partition.LogStart);
        }

        Changed();
        return OnStored is { } after ? await after(request, result) : result;
    }

    public async ValueTask<ClusterMetadata> GetMetadataAsync(string[]? topics, long minVersion, CancellationToken cancellationToken)
    {
        MetadataRequests++;
        if (OnMetadata is { } hook)
            await hook();
        lock (_gate)
        {
            return new ClusterMetadata
            {
                ClusterId = "fake",
                Version = _version,
                ControllerId = 1,
                Brokers = [new BrokerDescription { Id = 1, Host = "localhost", Port = 9092 }],
                Topics = [.. (topics ?? [.. _topics.Keys]).Select(Describe)],
            };
        }
    }

    public ValueTask<ClusterMetadata> DescribeClusterAsync(long minVersion, CancellationToken cancellationToken) => GetMetadataAsync([], minVersion, cancellationToken);

    public ValueTask<ClusterMetadata> DescribeTopicsAsync(string[]? topics, long minVersion, CancellationToken cancellationToken) =>
        GetMetadataAsync(topics, minVersion, cancellationToken);

    private TopicDescription Describe(string name) => _topics.TryGetValue(name, out var partitions)
        ? new TopicDescription
        {
            Name = name,
            Partitions = [.. partitions.Select((partition, i) => new PartitionDescription { Partition = i, LeaderId = partition.LeaderId, Replicas = [1], Isr = [1] })],
        }
        : new TopicDescription { Name = name, Error = ErrorCode.UnknownTopicOrPartition };

    private void Changed()
    {
        TaskCompletionSource[] waiting;
        lock (_gate)
        {
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var waiter in waiting)
            waiter.TrySetResult();
    }
}

internal sealed class FakePartition
{
    private readonly Lock _gate = new();
    private readonly List<byte[]> _batches = [];
    private readonly Dictionary<long, List<NumberedBatch>> _producers = [];

    private sealed record NumberedBatch(short Epoch, int First, int Last, long Offset);

    public int LeaderId { get; set; } = 1;

    public long LogStart { get; private set; }

    public long End { get; private set; }

    public List<byte[]> Snapshot()
    {
        lock (_gate)
            return [.. _batches];
    }

    /// <summary>Appends as a leader does that checks the numbers of idempotent producers; it forgets no batch.</summary>
    public (ErrorCode Error, long Offset) TryAppend(byte[] batch)
    {
        Assert.True(RecordBatchHeader.TryRead(batch, out var header));
        Assert.Equal(header.Crc, RecordBatchHeader.ComputeCrc(batch));
        lock (_gate)
        {
            if (!header.HasProducerId)
                return (ErrorCode.None, Append(batch));
            var known = _producers.GetValueOrDefault(header.ProducerId) ?? [];
            if (known.Find(old => (old.Epoch, old.First, old.Last) == (header.ProducerEpoch, header.BaseSequence, header.LastSequence)) is { } same)
                return (ErrorCode.None, same.Offset);
            if (known is [.., var last])
            {
                if (header.ProducerEpoch < last.Epoch)
                    return (ErrorCode.InvalidProducerEpoch, -1);
                if (header.BaseSequence != (header.ProducerEpoch > last.Epoch ? 0 : (last.Last + 1) & int.MaxValue))
                    return (ErrorCode.OutOfOrderSequenceNumber, -1);
            }

            var offset = Append(batch);
            known.Add(new(header.ProducerEpoch, header.BaseSequence, header.LastSequence, offset));
            _producers[header.ProducerId] = known;
            return (ErrorCode.None, offset);
        }
    }

    public long Append(byte[] batch)
    {
        lock (_gate)
        {
            RecordBatchHeader.SetBaseOffset(batch, End);
            RecordBatchHeader.SetPartitionLeaderEpoch(batch, 0);
            _batches.Add(batch);
            Assert.True(RecordBatchHeader.TryRead(batch, out var header));
            var offset = End;
            End = header.NextOffset;
            return offset;
        }
    }

    public long Skip(int records)
    {
        lock (_gate)
            return (End += records) - records;
    }

    public void DeleteBefore(long offset)
    {
        lock (_gate)
        {
            LogStart = offset;
            _batches.RemoveAll(batch => RecordBatchHeader.TryRead(batch, out var header) && header.NextOffset <= offset);
        }
    }

    public byte[] ReadFrom(long offset, int maxBytes)
    {
        lock (_gate)
        {
            var bytes = new List<byte>();
            foreach (var batch in _batches)
            {
                if (!RecordBatchHeader.TryRead(batch, out var header) || header.NextOffset <= offset)
                    continue;
                if (bytes.Count > 0 && bytes.Count + batch.Length > maxBytes)
                    break;
                bytes.AddRange(batch);
            }

            return [.. bytes];
        }
    }

    public (long Offset, long TimestampMs) FirstAtOrAfter(long timestampMs)
    {
        foreach (var batch in Snapshot())
        {
            using var records = BatchRecords.Open(batch, int.MaxValue, out _);
            foreach (ref readonly var record in records!)
            {
                if (record.TimestampMs >= timestampMs)
                    return (record.Offset, record.TimestampMs);
            }
        }

        return (-1, -1);
    }
}
