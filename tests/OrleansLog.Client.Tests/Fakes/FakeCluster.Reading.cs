namespace OrleansLog.Client.Tests;

internal sealed partial class FakeCluster
{
    public async ValueTask<FetchResult> FetchAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            FetchRequests++;
            foreach (var watcher in _fetchWatchers)
                watcher.TrySetResult();
            _fetchWatchers.Clear();
        }

        var deadline = time.GetTimestamp() + (request.MaxWaitMs * time.TimestampFrequency / 1000);
        while (true)
        {
            TaskCompletionSource changed;
            FetchPartitionResult[] results;
            lock (_gate)
            {
                results = Array.ConvertAll(request.Partitions, Read);
                changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add(changed);
            }

            // One look at the clock: it may go on at any moment.
            var left = deadline - time.GetTimestamp();
            if (left <= 0 || results.Any(static result => result.Error != ErrorCode.None || result.Diverging is not null || !result.Records.IsEmpty))
            {
                Interlocked.Increment(ref _leasesOut);
                return new FetchResult(results, new Lease(this));
            }

            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var wait = Task.Delay(time.GetElapsedTime(0, left), time, timer.Token);
            await Task.WhenAny(changed.Task, wait);
            await timer.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public ValueTask<ListOffsetsResult[]> ListOffsetsAsync(ListOffsetsQuery[] queries, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        lock (_gate)
            return new(Array.ConvertAll(queries, Look));
    }

    public ValueTask<DeleteRecordsResult[]> DeleteRecordsAsync(DeleteRecordsQuery[] queries, CancellationToken cancellationToken)
    {
        return new(Array.ConvertAll(queries, query =>
        {
            var partition = this[query.Partition];
            partition.DeleteBefore(query.BeforeOffset < 0 ? partition.End : query.BeforeOffset);
            return new DeleteRecordsResult(ErrorCode.None, partition.LogStart);
        }));
    }

    public ValueTask<TopicResults> CreateTopicsAsync(NewTopic[] topics, bool validateOnly, CancellationToken cancellationToken)
    {
        var results = Array.ConvertAll(topics, topic =>
        {
            if (_topics.ContainsKey(topic.Name))
                return new TopicResult { Name = topic.Name, Error = ErrorCode.TopicAlreadyExists };
            if (!validateOnly)
                AddTopic(topic.Name, Math.Max(1, topic.Partitions));
            return new TopicResult { Name = topic.Name, Partitions = Math.Max(1, topic.Partitions), ReplicationFactor = 1 };
        });
        return new(new TopicResults(_version, results));
    }

    public ValueTask<TopicResults> DeleteTopicsAsync(string[] topics, CancellationToken cancellationToken)
    {
        var results = Array.ConvertAll(topics, topic =>
        {
            var error = _topics.ContainsKey(topic) ? ErrorCode.None : ErrorCode.UnknownTopicOrPartition;
            RemoveTopic(topic);
            return new TopicResult { Name = topic, Error = error };
        });
        return new(new TopicResults(_version, results));
    }

    public ValueTask<TopicResults> CreatePartitionsAsync(NewPartitions[] topics, bool validateOnly, CancellationToken cancellationToken)
    {
        var results = Array.ConvertAll(topics, topic =>
        {
            if (!_topics.TryGetValue(topic.Topic, out var now))
                return new TopicResult { Name = topic.Topic, Error = ErrorCode.UnknownTopicOrPartition };
            if (topic.TotalCount <= now.Length)
                return new TopicResult { Name = topic.Topic, Error = ErrorCode.InvalidPartitions, Message = $"It has {now.Length} already." };
            AddTopic(topic.Topic, topic.TotalCount);
            return new TopicResult { Name = topic.Topic, Partitions = topic.TotalCount };
        });
        return new(new TopicResults(_version, results));
    }

    public ValueTask<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources, CancellationToken cancellationToken) =>
        new(Array.ConvertAll(resources, resource => new ConfigDescription
        {
            Resource = resource,
            Values = resource.Type == ConfigResourceType.Topic
                ? [new ConfigValue { Name = "retention.ms", Value = "604800000", Source = ConfigSource.DefaultConfig }]
                : [new ConfigValue { Name = "auto.create.topics.enable", Value = AutoCreates ? "true" : "false" }],
        }));

    public ValueTask<ConfigAlterationResults> AlterConfigsAsync(ConfigAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken) =>
        new(new ConfigAlterationResults(_version, Array.ConvertAll(alterations, static alteration => new ConfigAlterationResult(
            alteration.Resource,
            alteration.Changes.Any(static change => change.Name.StartsWith("no.such", StringComparison.Ordinal)) ? ErrorCode.InvalidConfig : ErrorCode.None,
            "Unknown topic configuration."))));

    public ValueTask<InitProducerIdResult> InitProducerIdAsync(InitProducerIdRequest request, CancellationToken cancellationToken) =>
        new(OnInitProducerId?.Invoke(request) ?? new InitProducerIdResult(ErrorCode.None, Interlocked.Increment(ref _lastProducerId), 0));

    public ValueTask<TopicResults> AcceptLossAsync(TopicPartition partition, CancellationToken cancellationToken)
    {
        var (error, message) = !_topics.TryGetValue(partition.Topic, out var partitions) || partition.Partition >= partitions.Length
            ? (ErrorCode.UnknownTopicOrPartition, null)
            : partition == LeaderlessPartition ? (ErrorCode.None, null)
            : (ErrorCode.ElectionNotNeeded, $"Broker 1 leads {partition}.");
        LeaderlessPartition = error == ErrorCode.None ? null : LeaderlessPartition;
        return new(new TopicResults(_version, [new TopicResult { Name = partition.Topic, Error = error, Message = message }]));
    }

    public ValueTask<LogDirDescription[]> DescribeLogDirsAsync(int brokerId, CancellationToken cancellationToken) =>
        new([new LogDirDescription { Path = "/data" }]);

    /// <summary>Completes with the next fetch request.</summary>
    public Task NextFetchAsync()
    {
        var watcher = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
            _fetchWatchers.Add(watcher);
        return watcher.Task;
    }

    private FetchPartitionResult Read(FetchPartition wanted)
    {
        if (OnFetch?.Invoke(wanted) is { } forged and not ErrorCode.None)
            return new FetchPartitionResult { Error = forged, HighWatermark = -1, LastStableOffset = -1, LogStartOffset = -1 };
        if (!_topics.TryGetValue(wanted.Partition.Topic, out var partitions) || wanted.Partition.Partition >= partitions.Length)
            return new FetchPartitionResult { Error = ErrorCode.UnknownTopicOrPartition, HighWatermark = -1 };
        var partition = partitions[wanted.Partition.Partition];
        if (OnHistory?.Invoke(wanted) is { } diverging)
            return new FetchPartitionResult { HighWatermark = partition.End, LogStartOffset = partition.LogStart, Diverging = diverging };
        var isOutside = wanted.FetchOffset < partition.LogStart || wanted.FetchOffset > partition.End;
        return new FetchPartitionResult
        {
            Error = isOutside ? ErrorCode.OffsetOutOfRange : ErrorCode.None,
            HighWatermark = partition.End,
            LastStableOffset = partition.End,
            LogStartOffset = partition.LogStart,
            Records = isOutside ? default(ReadOnlyMemory<byte>) : partition.ReadFrom(wanted.FetchOffset, wanted.MaxBytes),
        };
    }

    private ListOffsetsResult Look(ListOffsetsQuery query)
    {
        if (!_topics.TryGetValue(query.Partition.Topic, out var partitions) || query.Partition.Partition >= partitions.Length)
            return new ListOffsetsResult(ErrorCode.UnknownTopicOrPartition, -1);
        var partition = partitions[query.Partition.Partition];
        if (query.TimestampMs == OffsetSpec.Earliest)
            return new ListOffsetsResult(ErrorCode.None, partition.LogStart);
        if (query.TimestampMs == OffsetSpec.Latest)
            return new ListOffsetsResult(ErrorCode.None, partition.End);
        var (offset, timestampMs) = partition.FirstAtOrAfter(query.TimestampMs);
        return new ListOffsetsResult(ErrorCode.None, offset, timestampMs);
    }

    private sealed class Lease(FakeCluster owner) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref owner._leasesOut);
    }
}
