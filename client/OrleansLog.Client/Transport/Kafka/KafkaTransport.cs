using System.Collections.Frozen;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Client;

/// <summary>
/// The transport over Kafka's protocol (D13): data goes straight to the leader that metadata names, groups to their coordinator,
/// everything else to one broker, the home broker.
/// </summary>
/// <remarks>
/// The wire has no metadata version. What takes its place: changes and questions go to the same broker, and a broker answers a change
/// once it has applied it, so that this client's next question shows it. When the home broker is lost, another one may lag behind for
/// a moment; callers take that for what it is, a topic that is not known yet, and ask again.
/// </remarks>
internal sealed partial class KafkaTransport : ILogTransport, IAdminTransport, IAsyncDisposable
{
    private const int CheckPeriodMs = 100;
    private const int TrimEveryChecks = 100;
    private static readonly TimeSpan CloseWait = TimeSpan.FromSeconds(5);

    private readonly KafkaEnvironment _environment;
    private readonly ClientLog _log;
    private readonly KafkaAddress[] _bootstrap;
    private readonly Dictionary<KafkaAddress, KafkaBroker> _brokers = [];
    private readonly LeaderRouter _router;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private FrozenDictionary<int, KafkaBroker> _byId = FrozenDictionary<int, KafkaBroker>.Empty;
    private KafkaBroker? _home;
    private int _checks;
    private bool _isClosed;

    /// <exception cref="ArgumentException">An option is out of its range, or an address is not <c>host:port</c>.</exception>
    public KafkaTransport(LogClientOptions options, TimeProvider time, ClientLog log)
    {
        _environment = new KafkaEnvironment(options.Snapshot(), time);
        _bootstrap = KafkaAddress.ParseAll(_environment.Options.BootstrapServers);
        _log = log;
        _router = new LeaderRouter((topics, cancellationToken) => GetMetadataAsync(topics, -1, cancellationToken));
        _timer = time.CreateTimer(static transport => ((KafkaTransport)transport!).Check(), this, TimeSpan.FromMilliseconds(CheckPeriodMs), TimeSpan.FromMilliseconds(CheckPeriodMs));
    }

    private LogClientOptions Options => _environment.Options;

    /// <summary>Waits until a broker answers.</summary>
    /// <exception cref="LogException">None did within <see cref="LogClientOptions.ConnectTimeoutMs"/>, or what answers is no broker.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var startedAt = _environment.Time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await GetMetadataAsync([], -1, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (LogException error) when (error.IsRetriable
                && _environment.Time.GetElapsedTime(startedAt).TotalMilliseconds < Options.ConnectTimeoutMs)
            {
                await Backoff.WaitAsync(attempt, Options.ReconnectBackoffMs, Options.ReconnectBackoffMaxMs, _environment.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        KafkaBroker[] brokers;
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            brokers = [.. _brokers.Values];
        }

        await Task.WhenAll(brokers.Select(static broker => broker.WhenIdleAsync()))
            .WaitAsync(CloseWait, _environment.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(brokers.Select(static broker => broker.CloseAsync(KafkaBroker.Closed))).ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Asks one broker.</summary>
    /// <param name="broker">Which.</param>
    /// <param name="request">The request.</param>
    /// <param name="minVersion">Lowest version that can say what is asked.</param>
    /// <param name="maxVersion">Highest version that this client speaks.</param>
    /// <param name="lane">Whether it may wait at the broker.</param>
    /// <param name="waitMs">How long it may wait there, in milliseconds.</param>
    /// <param name="cancellationToken">Ends the wait; the request may still be carried out.</param>
    private static async Task<KafkaAnswer<TResponse>> AskAsync<TRequest, TResponse>(
        KafkaBroker broker, TRequest request, short minVersion, short maxVersion, KafkaLaneKind lane, int waitMs, CancellationToken cancellationToken)
        where TRequest : class, IRequestMessage, IMessage<TRequest>
        where TResponse : class, IResponseMessage, IMessage<TResponse>
    {
        var call = new KafkaCall<TRequest, TResponse>(request, minVersion, maxVersion, waitMs);
        broker.Lane(lane).Start(call);
        try
        {
            return await call.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            call.Abandon();
            throw;
        }
    }

    /// <summary>Asks a broker by its id.</summary>
    private Task<KafkaAnswer<TResponse>> AskAsync<TRequest, TResponse>(
        int brokerId, TRequest request, short minVersion, short maxVersion, KafkaLaneKind lane, int waitMs, CancellationToken cancellationToken)
        where TRequest : class, IRequestMessage, IMessage<TRequest>
        where TResponse : class, IResponseMessage, IMessage<TResponse> => Broker(brokerId) is { } broker
            ? AskAsync<TRequest, TResponse>(broker, request, minVersion, maxVersion, lane, waitMs, cancellationToken)
            : Task.FromResult(new KafkaAnswer<TResponse>(null, Unknown(brokerId), WasSent: false));

    /// <summary>Asks the home broker, or another one where that one cannot be reached. A change that may have arrived is not sent again.</summary>
    private Task<KafkaAnswer<TResponse>> AskHomeAsync<TRequest, TResponse>(
        TRequest request, short minVersion, short maxVersion, KafkaLaneKind lane, int waitMs, bool isChange, CancellationToken cancellationToken)
        where TRequest : class, IRequestMessage, IMessage<TRequest>
        where TResponse : class, IResponseMessage, IMessage<TResponse> =>
        AskInTurnAsync<TRequest, TResponse>(request, minVersion, maxVersion, lane, waitMs, isChange ? static failed => failed.WasSent : static _ => false, cancellationToken);

    /// <summary>Asks the home broker, then the others, until one answers or has failed in a way that counts.</summary>
    private async Task<KafkaAnswer<TResponse>> AskInTurnAsync<TRequest, TResponse>(
        TRequest request, short minVersion, short maxVersion, KafkaLaneKind lane, int waitMs, Func<KafkaAnswer<TResponse>, bool> counts, CancellationToken cancellationToken)
        where TRequest : class, IRequestMessage, IMessage<TRequest>
        where TResponse : class, IResponseMessage, IMessage<TResponse>
    {
        var failures = new List<KafkaFailure>();
        foreach (var broker in Candidates())
        {
            var answer = await AskAsync<TRequest, TResponse>(broker, request, minVersion, maxVersion, lane, waitMs, cancellationToken).ConfigureAwait(false);
            if (answer.Failure is not { } failure)
            {
                _home = broker;
                return answer;
            }

            failures.Add(failure);
            if (counts(answer))
                return answer;
        }

        var messages = failures.Select(static failure => failure.Message).Distinct();
        return new KafkaAnswer<TResponse>(null, failures.Count == 0 ? KafkaBroker.Closed : new KafkaFailure(Worst(failures), string.Join(' ', messages)), WasSent: false);
    }

    private static KafkaFailure Unknown(int brokerId) => new(ErrorCode.BrokerNotAvailable, $"Broker {brokerId} has no address that this client knows.");

    // Metadata that names a leader and metadata that names brokers may be of different moments: the next ones name another, or its address.
    private static KafkaFailure NoLeader(int brokerId) => Unknown(brokerId) with { Code = ErrorCode.LeaderNotAvailable };

    private static ErrorCode CodeOfLeader(KafkaFailure failure) => failure.Code == ErrorCode.BrokerNotAvailable ? ErrorCode.LeaderNotAvailable : failure.Code;

    // Final only if trying again helps nowhere.
    private static ErrorCode Worst(List<KafkaFailure> failures) => failures.Find(static failure => failure.Code.IsRetriable())?.Code ?? failures[^1].Code;

    private KafkaBroker? Broker(int brokerId) => Volatile.Read(ref _byId).GetValueOrDefault(brokerId);

    private KafkaBroker[] Candidates()
    {
        lock (_gate)
        {
            if (_isClosed)
                return [];
            List<KafkaBroker> candidates = _home is { } home ? [home] : [];
            foreach (var broker in _byId.Values)
                AddNew(candidates, broker);
            foreach (var address in _bootstrap)
                AddNew(candidates, BrokerAt(address));
            return [.. candidates];
        }

        static void AddNew(List<KafkaBroker> candidates, KafkaBroker broker)
        {
            if (!candidates.Contains(broker))
                candidates.Add(broker);
        }
    }

    // Under the lock.
    private KafkaBroker BrokerAt(KafkaAddress address)
    {
        if (!_brokers.TryGetValue(address, out var broker))
            _brokers.Add(address, broker = new KafkaBroker(address, _environment, Own));
        return broker;
    }

    private void Own(Task work)
    {
        if (work.IsCompletedSuccessfully)
            return;
        work.ContinueWith(
            static (task, log) => ((ClientLog)log!).BackgroundFailed(task.Exception!), _log,
            CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private void Check()
    {
        KafkaBroker[] brokers;
        lock (_gate)
            brokers = [.. _brokers.Values];
        var now = _environment.Time.GetTimestamp();
        foreach (var broker in brokers)
            broker.Check(now);
        LookAfterSilent(brokers, now);
        if (++_checks % TrimEveryChecks == 0)
            _environment.Frames.Trim();
    }
}
