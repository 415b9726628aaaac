using System.Collections.Concurrent;
using System.Globalization;
using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>What all records of a producer share, whatever their types: topics, memory, batches, timers, and the end.</summary>
internal sealed class ProducerCore : IDisposable
{
    private readonly ConcurrentDictionary<string, ProducerTopic> _topics = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly Func<int, int> _random;
    private ProducerTopic? _lastTopic;
    private Task? _close;
    private bool _isClosed;

    public ProducerCore(ClientContext client, ProducerOptions options, Func<int, int>? random = null)
    {
        Client = client;
        Options = options;
        Clock = new CoarseClock(client.Time);
        Memory = new BufferMemory(options.BufferMemoryBytes);
        Pool = new BatchPool(options, Memory);
        Timers = new SendTimers(client.Time);
        Identity = new ProducerIdentity(this);
        Closing = _closing.Token;
        _random = random ?? Random.Shared.Next;
    }

    public ClientContext Client { get; }

    public ProducerOptions Options { get; }

    public BufferMemory Memory { get; }

    public BatchPool Pool { get; }

    public SendTimers Timers { get; }

    public ProducerIdentity Identity { get; }

    public CoarseClock Clock { get; }

    public ILogTransport Transport => Client.Transport;

    public TimeProvider Time => Client.Time;

    public TopicDirectory Topics => Client.Topics;

    public ClientLog Log => Client.Log;

    /// <summary>Fires when the producer stops waiting for anything.</summary>
    public CancellationToken Closing { get; }

    public bool IsClosed => Volatile.Read(ref _isClosed);

    public static ProducerClosedException Closed() => new("The producer is closed.");

    /// <summary>The topic's state, made at its first use.</summary>
    public ProducerTopic Topic(string name)
    {
        var last = Volatile.Read(ref _lastTopic);
        if (last is not null && ReferenceEquals(last.Name, name))
            return last;
        if (!_topics.TryGetValue(name, out var topic))
        {
            if (!TopicNames.IsValid(name, out var reason))
                throw new LogException(ErrorCode.InvalidTopicException, $"'{name}' cannot be a topic: {reason}");
            topic = _topics.GetOrAdd(name, static (key, core) => new ProducerTopic(core, key), this);
        }

        Volatile.Write(ref _lastTopic, topic);
        return topic;
    }

    /// <summary>Forgets a topic that turned out not to exist, so that wrong names do not gather.</summary>
    public void Forget(ProducerTopic topic)
    {
        if (!topic.HasWaiting && topic.Senders.Length == 0)
            _topics.TryRemove(new KeyValuePair<string, ProducerTopic>(topic.Name, topic));
        Interlocked.CompareExchange(ref _lastTopic, null, topic);
    }

    public long Ticks(int milliseconds) => (long)(milliseconds * (Time.TimestampFrequency / 1000.0));

    /// <summary>When an open batch is sealed by time. Without linger it never is: the pump takes it as soon as it can.</summary>
    public long DueAfterLinger(ProducerBatch batch) => Options.LingerMs == 0 ? Deadline(batch) : batch.StartedAt + Ticks(Options.LingerMs);

    public long Deadline(ProducerBatch batch) => batch.StartedAt + Ticks(Options.DeliveryTimeoutMs);

    public long RemainingMs(ProducerBatch batch) =>
        Options.DeliveryTimeoutMs - (long)Time.GetElapsedTime(batch.StartedAt).TotalMilliseconds;

    public async Task BackoffAsync(int attempt, long remainingMs)
    {
        var delayMs = Math.Min(Backoff.DelayMs(attempt, Options.RetryBackoffMs, Options.RetryBackoffMaxMs), Math.Max(1, remainingMs));
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(delayMs), Time, Closing).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Closing: the pump finds out by itself.
        }
    }

    /// <summary>Another partition than the last one, one that has a leader if there is any.</summary>
    public int ChooseSticky(TopicDescription? topic, int previous)
    {
        var partitions = topic?.Partitions ?? [];
        if (partitions.Length <= 1)
            return 0;
        var start = _random(partitions.Length);
        for (var pass = 0; pass < 2; pass++)
        {
            for (var i = 0; i < partitions.Length; i++)
            {
                var candidate = (start + i) % partitions.Length;
                if (candidate != previous && (pass == 1 || partitions[candidate].LeaderId >= 0))
                    return candidate;
            }
        }

        return start;
    }

    /// <summary>Memory is short: what lingers goes out now.</summary>
    public void SealAll()
    {
        foreach (var (_, topic) in _topics)
        {
            foreach (var sender in topic.Senders)
                sender.SealOpen();
        }
    }

    /// <summary>Creates a topic if brokers and options let it come into being by being written to; true when it exists now.</summary>
    public async Task<bool> TryCreateAsync(string topic, CancellationToken cancellationToken)
    {
        if (!Options.AllowAutoCreateTopics)
            return false;
        var cluster = await Transport.GetMetadataAsync([], Topics.Version, cancellationToken).ConfigureAwait(false);
        if (cluster.Brokers is not [{ } broker, ..])
            return false;
        var resource = new ConfigResource(ConfigResourceType.Broker, broker.Id.ToString(CultureInfo.InvariantCulture));
        var configs = await Client.Admin.DescribeConfigsAsync([resource], cancellationToken).ConfigureAwait(false);
        if (configs is not [{ } found] || !found.Values.Any(static value => value is { Name: "auto.create.topics.enable", Value: "true" }))
            return false;
        var created = await Client.Admin.CreateTopicsAsync([new NewTopic { Name = topic }], validateOnly: false, cancellationToken).ConfigureAwait(false);
        Topics.Saw(created.Version);
        return created.Results is [{ Error: ErrorCode.None or ErrorCode.TopicAlreadyExists }];
    }

    /// <summary>Background work never throws; if it does, that is a bug, and it is told.</summary>
    public void Own(Task work)
    {
        if (!work.IsCompletedSuccessfully)
        {
            work.ContinueWith(
                static (task, core) => ((ProducerCore)core!).Log.BackgroundFailed(task.Exception!), this,
                CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var waits = new List<Task>();
        foreach (var (_, topic) in _topics)
        {
            if (topic.HasWaiting)
                await PassAsync(topic.Gate).WaitAsync(cancellationToken).ConfigureAwait(false);
            foreach (var sender in topic.Senders)
            {
                var wait = sender.FlushAsync();
                if (!wait.IsCompleted)
                    waits.Add(wait);
            }
        }

        await Task.WhenAll(waits).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task CloseAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Volatile.Write(ref _isClosed, true);
            return _close ??= FinishAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        Timers.Dispose();
        Pool.Dispose();
        _closing.Dispose();
    }

    // Whoever goes through the gate knows that all who came before are done.
    private static async Task PassAsync(AsyncGate gate)
    {
        await gate.EnterAsync().ConfigureAwait(false);
        gate.Exit();
    }

    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Out of time: what is left is reported below.
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        foreach (var (_, topic) in _topics)
        {
            foreach (var sender in topic.Senders)
                sender.Abort();
        }

        Dispose();
    }
}
