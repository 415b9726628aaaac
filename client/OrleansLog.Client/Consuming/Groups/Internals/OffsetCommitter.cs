namespace OrleansLog.Client;

/// <summary>Commits of one member, one after the other, so that an older position never overtakes a newer one.</summary>
internal sealed class OffsetCommitter(ClientContext client, ConsumerOptions options, GroupMember member)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicPartition, long> _committed = [];
    private Task _last = Task.CompletedTask;

    /// <summary>Commits what is not committed yet; tries again what can pass, within <see cref="ConsumerOptions.ApiTimeoutMs"/>.</summary>
    public Task CommitAsync(IReadOnlyList<TopicPartitionOffset> offsets, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var commit = CommitAfterAsync(_last, offsets, cancellationToken);
            _last = commit;
            return commit;
        }
    }

    /// <summary>Waits until no commit is under way.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        Task last;
        lock (_gate)
            last = _last;
        await last.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Forget(IEnumerable<TopicPartition> partitions)
    {
        lock (_gate)
        {
            foreach (var partition in partitions)
                _committed.Remove(partition);
        }
    }

    /// <summary>Reads committed offsets.</summary>
    /// <param name="partitions">The partitions.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="isPatient">True: tries for as long as it takes, and remembers the answer as committed.</param>
    public async Task<CommittedOffset[]> FetchAsync(TopicPartition[] partitions, CancellationToken cancellationToken, bool isPatient = false)
    {
        var started = client.Time.GetTimestamp();
        var call = new FetchOffsetsCall { GroupId = member.GroupId, Partitions = partitions, RequireStable = true };
        for (var attempt = 0; ; attempt++)
        {
            var fetched = await client.Groups!.FetchOffsetsAsync(call, cancellationToken)
                .OrElse(static error => FetchOffsetsResult.Failure(error)).ConfigureAwait(false);
            var error = fetched.Error != ErrorCode.None ? fetched.Error
                : fetched.Offsets.Length != partitions.Length ? ErrorCode.UnknownServerError
                : Array.Find(fetched.Offsets, static offset => offset.Error != ErrorCode.None).Error;
            if (error == ErrorCode.None)
            {
                if (isPatient)
                    Remember(fetched.Offsets.Select(static offset => (offset.Partition, offset.Offset)));
                return fetched.Offsets;
            }

            if (!error.IsPassing())
                throw LogException.From(error, null);
            if (!isPatient && client.Time.GetElapsedTime(started).TotalMilliseconds >= options.ApiTimeoutMs)
                throw LogException.From(error, null);
            await BackOffAsync(attempt, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CommitAfterAsync(Task before, IReadOnlyList<TopicPartitionOffset> offsets, CancellationToken cancellationToken)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        cancellationToken.ThrowIfCancellationRequested();
        OffsetToCommit[] fresh;
        lock (_gate)
        {
            fresh =
            [
                .. offsets.Where(offset => offset.Metadata is not null || !_committed.TryGetValue(offset.Partition, out var done) || done != offset.Offset)
                    .Select(static offset => offset.ToCall()),
            ];
        }

        if (fresh.Length == 0)
            return;
        var started = client.Time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            var identity = member.Identity;
            if (!member.Owns(fresh.Select(static offset => offset.Partition)))
                throw new CommitFailedException(member.GroupId, ErrorCode.UnknownMemberId);
            var failure = identity.IsMember ? await SendAsync(identity, fresh, cancellationToken).ConfigureAwait(false) : ErrorCode.RebalanceInProgress;
            if (failure == ErrorCode.None)
            {
                ClientMetrics.Committed(member.GroupId, client.Time.GetElapsedTime(started));
                return;
            }

            if (client.Time.GetElapsedTime(started).TotalMilliseconds >= options.ApiTimeoutMs)
                throw LogException.From(failure, null);
            await BackOffAsync(attempt, cancellationToken).ConfigureAwait(false);
        }
    }

    // What is left to be tried again; what cannot pass is thrown.
    private async Task<ErrorCode> SendAsync(MemberIdentity identity, OffsetToCommit[] offsets, CancellationToken cancellationToken)
    {
        var call = new CommitOffsetsCall
        {
            GroupId = member.GroupId,
            GenerationId = identity.Generation,
            MemberId = identity.MemberId,
            GroupInstanceId = member.InstanceId,
            Offsets = offsets,
        };
        var result = await client.Groups!.CommitAsync(call, cancellationToken)
            .OrElse(error => CommitOffsetsResult.Failure(error, offsets.Length)).ConfigureAwait(false);
        if (result.Errors.Length != offsets.Length)
            throw new LogException(ErrorCode.UnknownServerError, "The coordinator's answer to a commit does not match the question.");
        Remember(offsets.Zip(result.Errors).Where(static pair => pair.Second == ErrorCode.None).Select(static pair => (pair.First.Partition, pair.First.Offset)));
        var failure = Array.Find(result.Errors, static error => error != ErrorCode.None);
        if (failure == ErrorCode.None || failure == ErrorCode.RebalanceInProgress || failure.IsPassing())
            return failure;
        if (failure == ErrorCode.FencedInstanceId)
            member.Fail(new GroupException(member.GroupId, failure));
        if (!failure.IsExpulsion())
            throw failure == ErrorCode.FencedInstanceId ? new GroupException(member.GroupId, failure) : LogException.From(failure, null, offsets[Array.IndexOf(result.Errors, failure)].Partition.Topic);
        if (member.Identity != identity || member.IsJoining)
            return ErrorCode.RebalanceInProgress; // A new generation began meanwhile; whether the partitions are still there is looked at again.
        member.Lost(identity, "a commit was refused");
        throw new CommitFailedException(member.GroupId, failure);
    }

    private void Remember(IEnumerable<(TopicPartition Partition, long Offset)> offsets)
    {
        lock (_gate)
        {
            foreach (var (partition, offset) in offsets)
                _committed[partition] = offset;
        }
    }

    private Task BackOffAsync(int attempt, CancellationToken cancellationToken) =>
        Backoff.WaitAsync(attempt, options.RetryBackoffMs, options.RetryBackoffMaxMs, client.Time, cancellationToken);
}
