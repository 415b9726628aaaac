using System.Collections.Concurrent;

namespace OrleansLog.Client;

/// <summary>
/// What a client knows of its topics: one cache for all producers and consumers. Concurrent questions about one topic share one
/// request, and no answer is older than what this client has seen or changed.
/// </summary>
internal sealed class TopicDirectory(ILogTransport transport, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Entry> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<TopicDescription>> _running = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _version = -1;

    /// <summary>Highest metadata version seen; answers below it are not accepted.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Notes that a change of ours made a version, so that later answers show it.</summary>
    public void Saw(long version)
    {
        long seen;
        while ((seen = Volatile.Read(ref _version)) < version)
            Interlocked.CompareExchange(ref _version, version, seen);
    }

    /// <summary>What is cached about a topic, or null.</summary>
    public TopicDescription? Find(string topic, int maxAgeMs = int.MaxValue) =>
        _topics.TryGetValue(topic, out var entry) && time.GetElapsedTime(entry.ReadAt).TotalMilliseconds <= maxAgeMs ? entry.Topic : null;

    /// <summary>Asks the cluster about a topic; the error, if any, is in the answer.</summary>
    /// <exception cref="LogException">The cluster cannot be reached.</exception>
    public Task<TopicDescription> RefreshAsync(string topic, CancellationToken cancellationToken)
    {
        Task<TopicDescription> running;
        lock (_gate)
        {
            if (!_running.TryGetValue(topic, out running!))
            {
                running = ReadAsync(topic);
                if (!running.IsCompleted)
                {
                    _running[topic] = running;
                    running.ContinueWith(
                        Forget, (this, topic), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                }
            }
        }

        return running.WaitAsync(cancellationToken);
    }

    private static void Forget(Task<TopicDescription> done, object? state)
    {
        var (directory, topic) = ((TopicDirectory, string))state!;
        lock (directory._gate)
        {
            if (directory._running.TryGetValue(topic, out var current) && current == done)
                directory._running.Remove(topic);
        }
    }

    // The request belongs to everyone who asks, so that no single caller's cancellation ends it; transports bound its time.
    private async Task<TopicDescription> ReadAsync(string topic)
    {
        var metadata = await transport.GetMetadataAsync([topic], Version, CancellationToken.None).ConfigureAwait(false);
        Saw(metadata.Version);
        var found = metadata.Topics.Length > 0
            ? metadata.Topics[0]
            : new TopicDescription { Name = topic, Error = ErrorCode.UnknownTopicOrPartition };
        if (found.Error == ErrorCode.None)
            _topics[topic] = new Entry(found, time.GetTimestamp());
        else
            _topics.TryRemove(topic, out _);
        return found;
    }

    private sealed record Entry(TopicDescription Topic, long ReadAt);
}
