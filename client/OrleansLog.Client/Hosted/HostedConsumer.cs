using Microsoft.Extensions.Hosting;

namespace OrleansLog.Client;

/// <summary>
/// A member of a group as a hosted service: one task reads and spreads records over lanes, which handle them; another commits, for
/// each partition, what is handled without a gap.
/// </summary>
internal sealed class HostedConsumer<TKey, TValue, THandler> : BackgroundService, IHostedConsumer
    where THandler : class, IRecordHandler<TKey, TValue>
{
    private static readonly TimeSpan PollWait = TimeSpan.FromSeconds(1);

    private readonly ClientContext _client;
    private readonly HostedConsumerOptions _options;
    private readonly LogConsumer<byte[]?, byte[]?> _consumer;
    private readonly RecordPipeline<TKey, TValue, THandler> _pipeline;
    private readonly KeyedLanes<(ConsumeResult<byte[]?, byte[]?> Record, TrackedRecord Tracked)> _lanes;
    private readonly PartitionTrackers _trackers;
    private readonly InFlight _inFlight;
    private readonly Lazy<ILogProducer<byte[]?, byte[]?>> _deadLetters;
    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenSource _stopReading = new();
    private Exception? _failure;
    private volatile bool _isRunning;

    public HostedConsumer(
        IServiceProvider services, LogClientCore log, HostedConsumerOptions options, IDeserializer<TKey> keys, IDeserializer<TValue> values)
    {
        options.Validate();
        _client = log.Context;
        _options = options;
        _consumer = (LogConsumer<byte[]?, byte[]?>)log.CreateConsumer<byte[]?, byte[]?>(options.Consumer);
        _trackers = new PartitionTrackers(_client, options, _consumer, _abort.Token);
        _inFlight = new InFlight(options.MaxInFlight, _consumer.SetStandingBy);
        _deadLetters = new(() => log.CreateProducer<byte[]?, byte[]?>());
        _pipeline = new(services, _client, options, keys, values, () => _deadLetters.Value, Fail, _abort.Token);
        _lanes = new(options.MaxConcurrency, HandleAsync);
    }

    public string GroupId => _options.Group.GroupId;

    public bool IsRunning => _isRunning;

    public Exception? Failure => Volatile.Read(ref _failure);

    public int RecordsInFlight => _inFlight.Count;

    /// <summary>Reads no more, gives what is being handled its time, commits, leaves the group.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // When the host waits no longer, neither do the handlers.
        using var limit = cancellationToken.Register(static abort => ((CancellationTokenSource)abort!).Cancel(), _abort);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _stopReading.Token);
        _consumer.Subscribe(_options.Topics!, _trackers.Group());
        _isRunning = true;
        var committing = _trackers.CommitNowAndThenAsync(stopping.Token);
        try
        {
            await ReadAsync(stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped, or failed.
        }
        catch (Exception error)
        {
            Fail(error);
        }

        await DrainAsync().ConfigureAwait(false);
        await committing.ConfigureAwait(false);
        await _consumer.DisposeAsync().ConfigureAwait(false);
        if (_deadLetters.IsValueCreated)
            await _deadLetters.Value.DisposeAsync().ConfigureAwait(false);
        _isRunning = false;
        if (Failure is { } failure)
            throw failure;
    }

    private async Task ReadAsync(CancellationToken stopping)
    {
        var batch = new List<ConsumeResult<byte[]?, byte[]?>>();
        while (true)
        {
            batch.Clear();
            if (await _consumer.PollAsync(batch, _inFlight.Room, PollWait, stopping).ConfigureAwait(false) == 0)
                continue;
            _inFlight.Add(batch.Count);
            foreach (var record in batch)
                _lanes.Post((record, _trackers.Begin(record)), KeyHash(record));
        }
    }

    private int? KeyHash(in ConsumeResult<byte[]?, byte[]?> record)
    {
        if (_options.Order == RecordOrder.Partition)
            return record.TopicPartition.GetHashCode();
        if (record.Key is not { } key)
            return null;
        var hash = new HashCode();
        hash.AddBytes(key);
        return hash.ToHashCode();
    }

    private async Task HandleAsync((ConsumeResult<byte[]?, byte[]?> Record, TrackedRecord Tracked) item)
    {
        // After a failure nothing is begun: what lies behind the record that failed must not overtake it.
        if (Failure is null && await _pipeline.RunAsync(item.Record, item.Tracked.Tracker).ConfigureAwait(false))
            item.Tracked.Done();
        _inFlight.Remove();
    }

    private void Fail(Exception error)
    {
        if (Interlocked.CompareExchange(ref _failure, error, null) is null)
            _client.Log.HostedConsumerFailed(error, GroupId);
        _stopReading.Cancel();
    }

    private async Task DrainAsync()
    {
        _lanes.Complete();
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(_options.DrainTimeoutMs), _client.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _abort.Token);
        await _lanes.Completion.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // From here on nothing is begun, and what is under way and ignores this is not waited for: it is delivered again.
        await _abort.CancelAsync().ConfigureAwait(false);
        if (!_lanes.Completion.IsCompleted)
            _client.Log.DrainTimedOut(GroupId, _inFlight.Count);
    }
}
