namespace OrleansLog.Client;

internal sealed partial class GroupMember
{
    /// <summary>Until this member is part of a generation, reads what it was given, and nobody has asked for another round.</summary>
    private async Task RebalanceAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await GiveUpBeforeJoinAsync(cancellationToken).ConfigureAwait(false);
            if (!TryTakeReason(out var reason))
                continue;
            var assignment = await JoinAsync(reason, cancellationToken).ConfigureAwait(false);
            if (assignment is null)
                continue;
            ClientMetrics.Rebalanced(GroupId);
            if (await ApplyAsync(assignment, cancellationToken).ConfigureAwait(false))
                return;
        }
    }

    // The join answers all that was learned until now, also while the reader was waited for: one round, not one for each heartbeat.
    private bool TryTakeReason(out string reason)
    {
        lock (_gate)
        {
            reason = _rejoinReason ?? "joining";
            if (_isLost)
                return false;
            _rejoinReason = null;
            return true;
        }
    }

    private async Task GiveUpBeforeJoinAsync(CancellationToken cancellationToken)
    {
        bool mustRest;
        lock (_gate)
            mustRest = _isLost || (!_options.IsCooperative && _owned.Count > 0);
        if (!mustRest)
            return;
        await _core.HoldReaderUp().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (IsLost())
            await LoseAsync(cancellationToken).ConfigureAwait(false);
        else
            await RevokeAsync([.. _owned], cancellationToken).ConfigureAwait(false);
    }

    // Cooperative members keep what stays theirs and give up the rest, which takes another round; false when there is one.
    private async Task<bool> ApplyAsync(TopicPartition[] assignment, CancellationToken cancellationToken)
    {
        TopicPartition[] revoked = [.. _owned.Except(assignment)];
        TopicPartition[] added = [.. assignment.Except(_owned)];
        if (revoked.Length + added.Length == 0)
            return !HasNews();
        await _core.HoldReaderUp().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (IsLost())
            return false;
        if (revoked.Length > 0)
            await RevokeAsync(revoked, cancellationToken).ConfigureAwait(false);
        if (added.Length > 0)
            await AssignAsync(added, cancellationToken).ConfigureAwait(false);
        _core.LetReaderGo();
        if (revoked.Length > 0)
            Rejoin("partitions were given back, for others to take");
        return !HasNews();
    }

    private bool HasNews()
    {
        lock (_gate)
            return _rejoinReason is not null;
    }

    private async Task AssignAsync(TopicPartition[] partitions, CancellationToken cancellationToken)
    {
        var committed = await _committer.FetchAsync(partitions, cancellationToken, isPatient: true).ConfigureAwait(false);
        lock (_gate)
            _owned.UnionWith(partitions);
        _core.AddPartitions(committed.Select(static offset =>
            (offset.Partition, offset.Offset < 0 ? StartAt.Default : StartAt.Committed(offset.Offset, offset.LeaderEpoch))));
        await TellAsync(_options.OnAssigned, partitions, cancellationToken).ConfigureAwait(false);
    }

    private async Task RevokeAsync(TopicPartition[] partitions, CancellationToken cancellationToken)
    {
        if (partitions.Length == 0)
            return;
        await TellAsync(_options.OnRevoked, partitions, cancellationToken).ConfigureAwait(false);
        if (IsLost())
        {
            // Found out while the program was told.
            Forget(partitions);
            return;
        }

        if (_options.AutoCommit)
        {
            var gone = partitions.ToHashSet();
            await TryCommitAsync([.. _core.Positions(isDelivered: false).Where(position => gone.Contains(position.Partition))], cancellationToken).ConfigureAwait(false);
        }

        await _committer.SettleAsync(cancellationToken).ConfigureAwait(false);
        Forget(partitions);
    }

    private async Task LoseAsync(CancellationToken cancellationToken)
    {
        TopicPartition[] partitions;
        lock (_gate)
            partitions = [.. _owned];
        if (partitions.Length > 0)
        {
            _client.Log.PartitionsLost(GroupId, partitions.Length);
            await TellAsync(_options.OnLost ?? _options.OnRevoked, partitions, cancellationToken).ConfigureAwait(false);
            Forget(partitions);
        }

        lock (_gate)
            _isLost = false;
    }

    private void Forget(TopicPartition[] partitions)
    {
        lock (_gate)
            _owned.ExceptWith(partitions);
        _core.RemovePartitions(partitions);
        _committer.Forget(partitions);
    }

    private async Task TellAsync(RebalanceHandler? handler, TopicPartition[] partitions, CancellationToken cancellationToken)
    {
        if (handler is null)
            return;
        try
        {
            await handler(partitions, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error)
        {
            _core.FailReader(error, isOver: false);
        }
    }

    private async Task TryCommitAsync(IReadOnlyList<TopicPartitionOffset> offsets, CancellationToken cancellationToken)
    {
        try
        {
            await _committer.CommitAsync(offsets, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            _client.Log.AutoCommitFailed(error, GroupId);
        }
    }
}
