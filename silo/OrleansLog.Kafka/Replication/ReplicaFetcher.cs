using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OrleansLog.Core.Configuration;
using OrleansLog.Grains;
using OrleansLog.Grains.Replication;
using OrleansLog.Kafka.Diagnostics;
using OrleansLog.Kafka.Network;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Replication;

/// <summary>
/// One stream of fetches from one leader, with all the replicas that it carries. A fetch waits at the leader; what becomes ready here meanwhile goes
/// out in a second one, which ends the wait of the first. A connection that breaks is made again, for as long as there is something to fetch.
/// </summary>
internal sealed partial class ReplicaFetcher : IAsyncDisposable
{
    private const int InFlightMost = 2;
    private const int FirstRetryMs = 20;
    private const int ReportRetryMsMax = 100;

    private static readonly TimeSpan ReportTimeout = TimeSpan.FromSeconds(2);

    private readonly int _leaderId;
    private readonly BrokerConfig _config;
    private readonly BrokerHost _broker;
    private readonly MetadataCache _metadata;
    private readonly TrafficGate _gate;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<(Guid TopicId, int Partition), Followed> _replicas = new();
    private readonly FetchTurns<FollowedReplica, (Guid TopicId, int Partition)> _turns = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private bool _isLossTold;
    private PeerLoss _loss;
    private long _unreachableEpoch = -1;
    private long _reportedEpoch = -1;
    private long _leaderEpoch = -1;

    public ReplicaFetcher(int leaderId, BrokerConfig config, BrokerHost broker, MetadataCache metadata, TrafficGate gate, TimeProvider time, ILogger logger)
    {
        _leaderId = leaderId;
        _config = config;
        _broker = broker;
        _metadata = metadata;
        _gate = gate;
        _time = time;
        _logger = logger;
        _silence = WatchOf(config);
        _ticking = time.CreateTimer(static fetcher => ((ReplicaFetcher)fetcher!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Fetches for a replica from now on; one that it has already may have something new to ask.</summary>
    public void Add(FollowedReplica replica)
    {
        replica.Ready = _turns.Ready;
        _replicas.AddOrUpdate(
            KeyOf(replica), static (_, added) => new Followed(added), static (_, known, added) => ReferenceEquals(known.Replica, added) ? known : new Followed(added), replica);
        _turns.Ready(replica);
    }

    /// <summary>Fetches for it no longer.</summary>
    public void Remove(FollowedReplica replica)
    {
        if (_replicas.TryGetValue(KeyOf(replica), out var known) && ReferenceEquals(known.Replica, replica) && _replicas.TryRemove(new(KeyOf(replica), known)))
            _turns.Forget(KeyOf(replica));
    }

    /// <summary>Fetches no more; completes when nothing of it runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await _ticking.DisposeAsync().ConfigureAwait(false);
        await _tellingSilence.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private static (Guid, int) KeyOf(FollowedReplica replica) => (replica.TopicId, replica.Name.Partition);

    private async Task RunAsync()
    {
        var failures = 0;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (_replicas.IsEmpty)
                {
                    TickWhile(isFetching: false);
                    await _turns.FirstAsync(() => _replicas.IsEmpty, _stopping.Token).ConfigureAwait(false);
                    continue;
                }

                TickWhile(isFetching: true);
                if (_gate.IsClosed)
                    await _gate.PassAsync().ConfigureAwait(false);

                var connection = await ConnectAsync().ConfigureAwait(false);
                failures = 0;
                await FetchAsync(connection).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                if (_stopping.IsCancellationRequested)
                    return;

                // Once for each time that it is away: a link that only these two find broken must not take leaderships away again and again.
                if (error is SocketException && (!_isLossTold || _leaderEpoch != _reportedEpoch))
                    _unreachableEpoch = _reportedEpoch = _leaderEpoch;

                _loss = error is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? PeerLoss.Gone : PeerLoss.Broken;

                Told(error);
            }

            foreach (var followed in _replicas.Values)
                followed.Lose();

            await ReportAsync().ConfigureAwait(false);
            var mostMs = _unreachableEpoch < 0 ? _config.ReplicaFetchBackOffMs : Math.Min(_config.ReplicaFetchBackOffMs, ReportRetryMsMax);
            var pauseMs = Math.Min(mostMs, FirstRetryMs << Math.Min(failures++, 16));
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(1, pauseMs)), _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A connection that is reset or refused is the first to tell of a process that is gone; the controller is told until it has heard.</summary>
    private async Task ReportAsync()
    {
        if (_unreachableEpoch >= 0 && await IsReportedAsync(_unreachableEpoch, _loss).ConfigureAwait(false))
            _unreachableEpoch = -1;
    }

    private async Task<bool> IsReportedAsync(long leaderEpoch, PeerLoss loss)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        limit.CancelAfter(ReportTimeout);
        return await _broker.ReportUnreachableAsync(_leaderId, leaderEpoch, loss, limit.Token).ConfigureAwait(false);
    }

    /// <summary>One line for each time that a leader is away, however often it is tried.</summary>
    private void Told(Exception error)
    {
        if (error is not (SocketException or PeerException or OperationCanceledException))
            _logger.FetcherFailed(_leaderId, error);
        else if (!_isLossTold)
            _logger.LeaderLost(_leaderId, error is OperationCanceledException ? "no answer within replica.socket.timeout.ms" : error.Message);

        _isLossTold = true;
    }

    private async Task<PeerConnection> ConnectAsync()
    {
        var image = _metadata.Current;
        var leader = image.FindBroker(_leaderId);
        Volatile.Write(ref _leaderEpoch, leader?.Epoch ?? -1);
        var endpoint = leader?.ReplicationEndpoint
            ?? throw new PeerException("the metadata has no replication listener of it");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        limit.CancelAfter(_config.ReplicaSocketTimeoutMs);
        var answerMaxBytes = (long)_config.ReplicaFetchResponseMaxBytes + _config.SocketRequestMaxBytes;
        var connection = await PeerConnection.ConnectAsync(
            new DnsEndPoint(endpoint.Host, endpoint.Port), _leaderId, (_broker.BrokerId, _broker.BrokerEpoch), image.ClusterSecret,
            _config.ReplicaSocketReceiveBufferBytes, answerMaxBytes, _silence, limit.Token).ConfigureAwait(false);
        _logger.LeaderConnected(_isLossTold ? LogLevel.Information : LogLevel.Debug, _leaderId, endpoint.Host, endpoint.Port);
        _isLossTold = false;
        return connection;
    }

    private async Task FetchAsync(PeerConnection connection)
    {
        Task<PeerAnswer>? receiving = null;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            var brokerEpoch = _broker.BrokerEpoch;
            var inFlight = 0;
            var isFirst = true;
            foreach (var followed in _replicas.Values)
                _turns.Ready(followed.Replica);

            // The loop ends when there is nothing to fetch, and goes on with another connection when this broker was registered anew.
            while (!(_replicas.IsEmpty && inFlight == 0) && _broker.BrokerEpoch == brokerEpoch)
            {
                if (_gate.IsClosed)
                    await _gate.PassAsync().ConfigureAwait(false);

                var signal = _turns.Next();
                if (inFlight == 0 || (inFlight < InFlightMost && signal.IsCompleted))
                {
                    var request = NextRequest(brokerEpoch, isFirst, out var hasNews);
                    if (hasNews || inFlight == 0)
                    {
                        await connection.SendAsync(request, ApiKey.Fetch, ReplicaFetchHandler.Version, limit.Token).ConfigureAwait(false);
                        isFirst = false;
                        inFlight++;
                    }

                    continue;
                }

                if (receiving is null)
                {
                    limit.CancelAfter(_config.ReplicaSocketTimeoutMs);
                    receiving = connection.ReceiveAsync(limit.Token).AsTask();
                }

                if (inFlight < InFlightMost && await Task.WhenAny(receiving, signal).ConfigureAwait(false) != receiving)
                    continue;

                var received = receiving;
                receiving = null;
                using var answer = await received.ConfigureAwait(false);
                inFlight--;
                if (_gate.IsClosed)
                    await _gate.PassAsync().ConfigureAwait(false);

                await TakeAsync(answer).ConfigureAwait(false);
            }
        }
        finally
        {
            await EndAsync(connection, receiving).ConfigureAwait(false);
        }
    }

    /// <summary>What is still being received ends with the connection.</summary>
    private static async Task EndAsync(PeerConnection connection, Task<PeerAnswer>? receiving)
    {
        connection.Dispose();
        if (receiving is null)
            return;

        await ((Task)receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (receiving.IsCompletedSuccessfully)
            (await receiving.ConfigureAwait(false)).Dispose();
    }

    private FetchRequestData NextRequest(long brokerEpoch, bool isFirst, out bool hasNews)
    {
        var request = new FetchRequestData
        {
            ReplicaState = new() { ReplicaId = _broker.BrokerId, ReplicaEpoch = brokerEpoch },
            MaxWaitMs = _config.ReplicaFetchWaitMaxMs,
            MinBytes = 1,
            MaxBytes = _config.ReplicaFetchResponseMaxBytes,
            SessionId = isFirst ? 0 : 1,
            SessionEpoch = isFirst ? 0 : 1,
        };
        while (_turns.TryTakeForgotten(out var forgotten))
        {
            if (!_replicas.ContainsKey(forgotten))
                request.ForgottenTopicsData.Add(new() { TopicId = Protocol.Uuid.FromGuid(forgotten.TopicId), Partitions = [forgotten.Partition] });
        }

        FetchRequestData.FetchTopic? topic = null;
        for (var count = _turns.ReadyCount; count > 0 && _turns.TryTakeReady(out var replica); count--)
        {
            if (!_replicas.TryGetValue(KeyOf(replica), out var followed) || !ReferenceEquals(followed.Replica, replica)
                || !replica.TryNextFetch(_leaderId, _config.ReplicaFetchMaxBytes, out var position))
            {
                continue;
            }

            followed.Asked = position;
            var topicId = Protocol.Uuid.FromGuid(position.TopicId);
            if (topic is null || topic.TopicId != topicId)
                request.Topics.Add(topic = new() { TopicId = topicId });

            topic.Partitions.Add(new()
            {
                Partition = position.Partition,
                CurrentLeaderEpoch = position.LeaderEpoch,
                FetchOffset = position.FetchOffset,
                LastFetchedEpoch = position.HasLost ? ReplicaFetchHandler.LostRecords : position.LastFetchedEpoch,
                LogStartOffset = position.LogStartOffset,
                PartitionMaxBytes = position.MaxBytes,
            });
        }

        hasNews = request.Topics.Count > 0 || request.ForgottenTopicsData.Count > 0;
        return request;
    }

    private async ValueTask TakeAsync(PeerAnswer answer)
    {
        var response = answer.Read(FetchResponseData.Read, ApiKey.Fetch, ReplicaFetchHandler.Version);
        if (response.ErrorCode != ErrorCode.None)
            throw new PeerException($"it refuses to be fetched from ({response.ErrorCode})");

        var taking = new List<(Followed Followed, Task<bool> StillAsked)>();
        foreach (var topic in response.Responses)
        {
            var topicId = topic.TopicId.ToGuid();
            foreach (var partition in topic.Partitions)
            {
                if (_replicas.TryGetValue((topicId, partition.PartitionIndex), out var followed) && followed.Asked is { } asked)
                {
                    taking.Add((followed, followed.Replica.TakeAsync(asked, ToAnswer(topicId, partition))));
                }
            }
        }

        foreach (var (followed, stillAsked) in taking)
        {
            if (await stillAsked.ConfigureAwait(false))
                continue;

            followed.Asked = null;
            _turns.Ready(followed.Replica);
        }
    }

    private static ReplicaAnswer ToAnswer(Guid topicId, FetchResponseData.PartitionData partition) => new()
    {
        TopicId = topicId,
        Partition = partition.PartitionIndex,
        Error = partition.ErrorCode,
        AskedLeaderEpoch = partition.CurrentLeader?.LeaderEpoch ?? -1,
        AskedOffset = partition.LastStableOffset,
        HighWatermark = partition.HighWatermark,
        LogStartOffset = partition.LogStartOffset,
        LogEndOffset = partition.ErrorCode == ErrorCode.OffsetOutOfRange ? partition.DivergingEpoch?.EndOffset ?? -1 : -1,
        Diverging = partition.ErrorCode == ErrorCode.None && partition.DivergingEpoch is { } diverging ? new(diverging.Epoch, diverging.EndOffset) : null,
        Records = partition.Records ?? default,
    };

    /// <summary>A replica, and what was asked for it that is not answered yet.</summary>
    private sealed class Followed(FollowedReplica replica)
    {
        public FollowedReplica Replica { get; } = replica;

        public ReplicaPosition? Asked { get; set; }

        public void Lose()
        {
            if (Asked is { } asked)
                Replica.Lost(asked);

            Asked = null;
        }
    }
}
