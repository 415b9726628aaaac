using OrleansLog.Client;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli.Tests;

/// <summary>A broker of lists, for what a real one cannot be made to do on demand: refuse, answer late, lose an answer.</summary>
internal sealed partial class MemoryBroker : IConnector, ILogTransport
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, List<Partition>> _topics = new(StringComparer.Ordinal);
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Says what becomes of a batch instead of storing it; null stores it.</summary>
    public Func<ProduceRequest, ProduceResult?> OnProduce { get; set; } = _ => null;

    public string MaxMessageBytes { get; set; } = "1048588";

    /// <summary>False: no broker is alive to take a lost partition over.</summary>
    public bool IsRecoverable { get; set; } = true;

    /// <summary>Its brokers, fenced ones too.</summary>
    public BrokerDescription[] Brokers { get; set; } = [new() { Id = 1, SiloAddress = "127.0.0.1:11111@1", Epoch = 3 }];

    /// <summary>What is told of partitions instead of what is so.</summary>
    public Dictionary<TopicPartition, PartitionDescription> Told { get; } = [];

    /// <summary>Asked before the cluster is described: why that fails, or null.</summary>
    public Func<LogException?> OnDescribeCluster { get; set; } = () => null;

    /// <summary>The partition's only directory is gone.</summary>
    public void Lose(TopicPartition partition) => Find(partition)!.IsLost = true;

    public void AddTopic(string name, int partitions) => _topics[name] = [.. Enumerable.Range(0, partitions).Select(_ => new Partition())];

    public Task<ILogClient> ConnectAsync(ConnectionSettings settings, CancellationToken cancellationToken) =>
        Task.FromResult(LogClient.Create(this, this, groupTransport: this));

    public ValueTask<ClusterMetadata> GetMetadataAsync(string[]? topics, long minVersion, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(new ClusterMetadata
            {
                ClusterId = "AAAAAAAAAAAAAAAAAAAAAQ",
                Version = 7,
                ControllerId = 1,
                Brokers = [.. Brokers.Where(broker => !broker.IsFenced)],
                Topics = [.. (topics ?? [.. _topics.Keys]).Select(Describe)],
            });
        }
    }

    public ValueTask<ProduceResult> ProduceAsync(ProduceRequest request, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (OnProduce(request) is { } answer)
            {
                return new(answer);
            }

            var partition = Find(request.Partition)!;
            var batch = request.Batch.ToArray();
            RecordBatchHeader.SetBaseOffset(batch, partition.End);
            _ = RecordBatchHeader.TryRead(batch, out var header);
            partition.Batches.Add(batch);
            partition.End = header.NextOffset;
            Interlocked.Exchange(ref _appended, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            return new(ProduceResult.Success(header.BaseOffset, -1, partition.Start));
        }
    }

    public async ValueTask<FetchResult> FetchAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        var appended = _appended.Task;
        var results = Array.ConvertAll(request.Partitions, Read);
        if (results.All(result => result is { Error: ErrorCode.None, Records.IsEmpty: true }) && request.MaxWaitMs > 0)
        {
            try
            {
                await appended.WaitAsync(TimeSpan.FromMilliseconds(request.MaxWaitMs), cancellationToken);
            }
            catch (TimeoutException)
            {
                // The long poll ends without anything.
            }

            results = Array.ConvertAll(request.Partitions, Read);
        }

        return new FetchResult(results);
    }

    public ValueTask<ListOffsetsResult[]> ListOffsetsAsync(ListOffsetsQuery[] queries, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(Array.ConvertAll(queries, query => Find(query.Partition) is not { } partition
                ? new ListOffsetsResult(ErrorCode.UnknownTopicOrPartition, -1)
                : query.TimestampMs switch
                {
                    OffsetSpec.Earliest => new ListOffsetsResult(ErrorCode.None, partition.Start),
                    OffsetSpec.Latest => new ListOffsetsResult(ErrorCode.None, partition.End),
                    var time => partition.Find(time),
                }));
        }
    }

    public ValueTask<DeleteRecordsResult[]> DeleteRecordsAsync(DeleteRecordsQuery[] queries, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(Array.ConvertAll(queries, query =>
            {
                var partition = Find(query.Partition)!;
                var before = query.BeforeOffset < 0 ? partition.End : query.BeforeOffset;
                if (before > partition.End)
                {
                    return new DeleteRecordsResult(ErrorCode.OffsetOutOfRange, -1);
                }

                partition.Start = Math.Max(partition.Start, before);
                return new DeleteRecordsResult(ErrorCode.None, partition.Start);
            }));
        }
    }

    private FetchPartitionResult Read(FetchPartition wanted)
    {
        lock (_lock)
        {
            if (Find(wanted.Partition) is not { } partition)
            {
                return new FetchPartitionResult { Error = ErrorCode.UnknownTopicOrPartition };
            }

            var isThere = wanted.FetchOffset >= partition.Start && wanted.FetchOffset <= partition.End;
            return new FetchPartitionResult
            {
                Error = isThere ? ErrorCode.None : ErrorCode.OffsetOutOfRange,
                HighWatermark = partition.End,
                LastStableOffset = partition.End,
                LogStartOffset = partition.Start,
                Records = isThere ? partition.Read(wanted.FetchOffset) : default,
            };
        }
    }

    private Partition? Find(TopicPartition name) =>
        _topics.TryGetValue(name.Topic, out var partitions) && (uint)name.Partition < (uint)partitions.Count ? partitions[name.Partition] : null;

    private sealed class Partition
    {
        public List<byte[]> Batches { get; } = [];

        public bool IsLost { get; set; }

        public long Start { get; set; }

        public long End { get; set; }

        public byte[] Read(long offset) => Batches.FirstOrDefault(batch => Header(batch).NextOffset > offset) ?? [];

        public ListOffsetsResult Find(long timestampMs)
        {
            foreach (var batch in Batches)
            {
                using var records = BatchRecords.Open(batch, int.MaxValue, out _)!;
                foreach (ref readonly var record in records)
                {
                    if (record.TimestampMs >= timestampMs && record.Offset >= Start)
                    {
                        return new ListOffsetsResult(ErrorCode.None, record.Offset, record.TimestampMs);
                    }
                }
            }

            return new ListOffsetsResult(ErrorCode.None, -1);
        }

        private static RecordBatchHeader Header(byte[] batch)
        {
            _ = RecordBatchHeader.TryRead(batch, out var header);
            return header;
        }
    }
}
