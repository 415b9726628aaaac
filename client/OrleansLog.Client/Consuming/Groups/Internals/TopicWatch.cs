namespace OrleansLog.Client;

/// <summary>What changed about the topics of a group since the member joined.</summary>
internal enum TopicChange
{
    None,

    /// <summary>The pattern matches other topics.</summary>
    Subscription,

    /// <summary>A topic has another number of partitions, none before included.</summary>
    Partitions,
}

/// <summary>The topics that a subscription stands for, and those that a leader watches for the group.</summary>
internal sealed class TopicWatch(ClientContext client, Subscription subscription)
{
    private readonly Lock _gate = new();
    private string[] _subscribed = [];
    private Dictionary<string, int> _watched = new(StringComparer.Ordinal);
    private long _readAt;

    /// <summary>The topics of the subscription by name; those of a pattern are looked up.</summary>
    public async Task<string[]> TopicsAsync(CancellationToken cancellationToken)
    {
        var topics = subscription.Pattern is null ? [.. subscription.Topics] : await MatchingAsync(cancellationToken).ConfigureAwait(false);
        var counts = await CountsAsync(topics, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            _subscribed = topics;
            _watched = counts;
            _readAt = client.Time.GetTimestamp();
        }

        return topics;
    }

    /// <summary>Watches these topics too, from what they have now: a leader does for the whole group, before the assignment is made.</summary>
    public async Task WatchAsync(IEnumerable<string> topics, CancellationToken cancellationToken)
    {
        string[] others;
        lock (_gate)
            others = [.. topics.Where(topic => !_watched.ContainsKey(topic))];
        var counts = await CountsAsync(others, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            foreach (var (topic, count) in counts)
                _watched[topic] = count;
        }
    }

    /// <summary>True when it is time to look: after the metadata's age, or sooner while a topic does not exist.</summary>
    public bool IsDue(int maxAgeMs)
    {
        lock (_gate)
            return _watched.ContainsValue(0) || client.Time.GetElapsedTime(_readAt).TotalMilliseconds >= maxAgeMs;
    }

    public async Task<TopicChange> ChangeAsync(CancellationToken cancellationToken)
    {
        string[] subscribed;
        Dictionary<string, int> watched;
        lock (_gate)
            (subscribed, watched) = (_subscribed, new Dictionary<string, int>(_watched, StringComparer.Ordinal));
        if (subscription.Pattern is not null && !(await MatchingAsync(cancellationToken).ConfigureAwait(false)).SequenceEqual(subscribed))
            return TopicChange.Subscription;
        var counts = await CountsAsync([.. watched.Keys], cancellationToken).ConfigureAwait(false);
        var hasChanged = counts.Any(pair => watched.GetValueOrDefault(pair.Key) != pair.Value);
        lock (_gate)
        {
            foreach (var (topic, count) in counts)
                _watched[topic] = count;
            _readAt = client.Time.GetTimestamp();
        }

        return hasChanged ? TopicChange.Partitions : TopicChange.None;
    }

    private async Task<string[]> MatchingAsync(CancellationToken cancellationToken)
    {
        var metadata = await client.Transport.GetMetadataAsync(null, client.Topics.Version, cancellationToken).ConfigureAwait(false);
        client.Topics.Saw(metadata.Version);
        return
        [
            .. metadata.Topics.Where(topic => !topic.IsInternal && topic.Error == ErrorCode.None && subscription.Matches(topic.Name))
                .Select(static topic => topic.Name).Order(StringComparer.Ordinal),
        ];
    }

    private async Task<Dictionary<string, int>> CountsAsync(string[] topics, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        if (topics.Length == 0)
            return counts;
        var metadata = await client.Transport.GetMetadataAsync(topics, client.Topics.Version, cancellationToken).ConfigureAwait(false);
        client.Topics.Saw(metadata.Version);
        foreach (var topic in metadata.Topics)
            counts[topic.Name] = topic.Error == ErrorCode.None ? topic.Partitions.Length : 0;
        return counts;
    }
}
