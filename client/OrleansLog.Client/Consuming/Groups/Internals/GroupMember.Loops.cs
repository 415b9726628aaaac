namespace OrleansLog.Client;

internal sealed partial class GroupMember
{
    // Says that the member is alive, whatever the program does, unless it works on one record for too long.
    private async Task BeatAsync()
    {
        var pace = new ReaderPace(_core, _client.Time, _options.MaxPollIntervalMs);
        await EveryAsync(_options.HeartbeatIntervalMs, async closing =>
        {
            var identity = Identity;
            if (!identity.IsMember || IsJoining)
            {
                pace.Restart();
                return;
            }

            if (pace.IsTooSlow())
            {
                _client.Log.MaxPollExceeded(GroupId, _options.MaxPollIntervalMs);
                var leaving = LeaveAsync("work on a record took longer than max.poll.interval.ms", closing);
                Lost(identity, "work on a record took too long");
                await leaving.ConfigureAwait(false);
                return;
            }

            var call = new HeartbeatCall(GroupId, identity.Generation, identity.MemberId, InstanceId);
            Heard(identity, await _client.Groups!.HeartbeatAsync(call, closing).OrElse(static error => error).ConfigureAwait(false));
        }).ConfigureAwait(false);
    }

    private void Heard(MemberIdentity asked, ErrorCode answer)
    {
        if (asked != Identity || IsJoining || answer == ErrorCode.None || answer.IsPassing())
            return;
        if (answer == ErrorCode.RebalanceInProgress)
            Rejoin("the group rebalances");
        else if (answer.IsExpulsion())
            Lost(asked, "the group does not know this member any more");
        else
            Fail(new GroupException(GroupId, answer));
    }

    private Task CommitNowAndThenAsync() => EveryAsync(_options.AutoCommitIntervalMs, async closing =>
    {
        if (Identity.IsMember)
            await TryCommitAsync(_core.Positions(isDelivered: false), closing).ConfigureAwait(false);
    });

    // New topics of a pattern, topics that begin to exist, partitions that were added: each takes a new assignment.
    private Task WatchTopicsAsync() => EveryAsync(Math.Min(_core.Options.MetadataMaxAgeMs, Math.Max(1, _core.Options.UnknownTopicRetryMs)), async closing =>
    {
        var identity = Identity;
        if (!identity.IsMember || IsJoining || !_topics.IsDue(_core.Options.MetadataMaxAgeMs))
            return;
        try
        {
            var change = await _topics.ChangeAsync(closing).ConfigureAwait(false);
            if (change == TopicChange.Subscription || (change == TopicChange.Partitions && identity.IsLeader))
                Rejoin("topics or partitions changed");
        }
        catch (LogException error)
        {
            _client.Log.TopicWatchFailed(error, GroupId);
        }
    });

    private async Task EveryAsync(int intervalMs, Func<CancellationToken, Task> work)
    {
        var closing = _closing.Token;
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(intervalMs), _client.Time, closing).ConfigureAwait(false);
                await work(closing).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            // Closed.
        }
        catch (Exception error)
        {
            _client.Log.BackgroundFailed(error);
            Fail(new LogException(ErrorCode.UnknownServerError, $"Membership in the group '{GroupId}' ended: {error.Message}", error));
        }
    }
}
