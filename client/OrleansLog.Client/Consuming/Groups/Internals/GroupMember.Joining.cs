namespace OrleansLog.Client;

internal sealed partial class GroupMember
{
    private const string ProtocolType = "consumer";

    private static readonly TimeSpan JoinTakesLong = TimeSpan.FromSeconds(5);

    // Both belong to the owner; whoever leaves takes the id away.
    private volatile string _memberId = "";
    private int _lastGeneration = -1;

    /// <summary>Joins until it is part of a generation; null when the assignment has to be looked at first.</summary>
    private async Task<TopicPartition[]?> JoinAsync(string reason, CancellationToken cancellationToken)
    {
        // Until the new generation is there, the old one is what commits go by; the coordinator does not wait for heartbeats.
        IsJoining = true;
        try
        {
            return await JoinUntilInAsync(reason, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            IsJoining = false;
        }
    }

    private async Task<TopicPartition[]?> JoinUntilInAsync(string reason, CancellationToken cancellationToken)
    {
        var began = _client.Time.GetTimestamp();
        var isTold = false;
        for (var attempt = 0; ; attempt++)
        {
            var (error, assignment) = await JoinAndSyncAsync(reason, cancellationToken).ConfigureAwait(false);
            if (error == ErrorCode.None)
                return assignment;
            if (!isTold && error.IsPassing() && _client.Time.GetElapsedTime(began) >= JoinTakesLong)
            {
                // It may go on for long, as with a broker whose disk is full; a program that only waits should not have to guess.
                isTold = true;
                _client.Log.JoinTakesLong(GroupId, error);
            }

            if (error == ErrorCode.MemberIdRequired)
                continue;
            if (error.IsExpulsion())
            {
                _memberId = "";
                if (TakeForLost())
                    return null;
            }
            else if (!error.IsPassing() && error != ErrorCode.RebalanceInProgress)
            {
                throw new GroupException(GroupId, error);
            }

            if (error != ErrorCode.RebalanceInProgress)
                await BackOffAsync(attempt, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(ErrorCode Error, TopicPartition[]? Assignment)> JoinAndSyncAsync(string reason, CancellationToken cancellationToken)
    {
        string[] topics = [];
        await UntilKnownAsync(async () => topics = await _topics.TopicsAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var joined = await _client.Groups!.JoinAsync(JoinCall(topics, reason), cancellationToken)
            .OrElse(static error => JoinGroupResult.Failure(error)).ConfigureAwait(false);
        if (joined.MemberId.Length > 0)
            _memberId = joined.MemberId;
        if (joined.Error != ErrorCode.None)
            return (joined.Error, null);
        var isLeader = joined.Leader == joined.MemberId;
        if (isLeader)
            await UntilKnownAsync(() => _topics.WatchAsync(ConsumerProtocol.TopicsOf(joined.Members), cancellationToken), cancellationToken).ConfigureAwait(false);
        var synced = await _client.Groups.SyncAsync(SyncCall(joined, isLeader), cancellationToken)
            .OrElse(static error => SyncGroupResult.Failure(error)).ConfigureAwait(false);
        if (synced.Error != ErrorCode.None)
            return (synced.Error, null);
        if (!ConsumerProtocol.TryReadAssignment(synced.Assignment, out var assignment))
            throw new LogException(ErrorCode.UnknownServerError, $"The assignment that the group '{GroupId}' answered cannot be read.");
        _lastGeneration = joined.GenerationId;
        Become(new MemberIdentity(joined.MemberId, joined.GenerationId, isLeader));
        return (ErrorCode.None, assignment);
    }

    private JoinGroupCall JoinCall(string[] topics, string reason)
    {
        TopicPartition[] owned;
        lock (_gate)
            owned = [.. _owned];
        var metadata = ConsumerProtocol.Subscription(topics, owned, owned.Length == 0 ? -1 : _lastGeneration);
        return new JoinGroupCall
        {
            GroupId = GroupId,
            MemberId = _memberId,
            GroupInstanceId = InstanceId,
            ProtocolType = ProtocolType,
            Protocols = [.. _options.Assignors.Select(assignor => new GroupProtocol(assignor.ProtocolName(), metadata))],
            SessionTimeoutMs = _options.SessionTimeoutMs,
            RebalanceTimeoutMs = _options.MaxPollIntervalMs,
            ClientId = _options.ClientId,
            ClientHost = Environment.MachineName,
            RequireKnownMemberId = InstanceId is null,
            SupportsSkippingAssignment = true,
            Reason = reason,
        };
    }

    private SyncGroupCall SyncCall(JoinGroupResult joined, bool isLeader) => new()
    {
        GroupId = GroupId,
        GenerationId = joined.GenerationId,
        MemberId = joined.MemberId,
        GroupInstanceId = InstanceId,
        ProtocolType = joined.ProtocolType,
        ProtocolName = joined.ProtocolName,
        ServerAssignor = isLeader && !joined.SkipAssignment,
    };

    private async Task UntilKnownAsync(Func<Task> ask, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await ask().ConfigureAwait(false);
                return;
            }
            catch (LogException error) when (error.IsRetriable)
            {
                await BackOffAsync(attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void Become(MemberIdentity identity)
    {
        lock (_gate)
            _identity = identity;
    }

    // The coordinator has forgotten this member; true when it had partitions, which are gone with that.
    private bool TakeForLost()
    {
        lock (_gate)
        {
            _identity = MemberIdentity.Nobody;
            _isLost = _owned.Count > 0;
            return _isLost;
        }
    }

    private Task BackOffAsync(int attempt, CancellationToken cancellationToken) => Backoff.WaitAsync(
        attempt, _core.Options.RetryBackoffMs, _core.Options.RetryBackoffMaxMs, _client.Time, cancellationToken);
}
