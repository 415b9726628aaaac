using OrleansLog.Protocol;

namespace OrleansLog.Core.Partition;

/// <summary>
/// How one replica copies its leader: fetch, go back to where the histories agree, append, commit what the leader committed. Pure: it
/// sees no bytes. A decision that changes the log is confirmed before the next fetch.
/// </summary>
/// <param name="history">The replica's own epochs.</param>
public sealed class FollowerState(IEpochHistory history)
{
    private FollowerFetch? _asked;
    private long _leaderHighWatermark;
    private bool _changesLog;
    private bool _isFenced;
    private long? _damagedFrom;

    /// <summary>Pause after an error, in milliseconds: <c>replica.fetch.backoff.ms</c>.</summary>
    public int BackOffMs { get; set; } = 1000;

    /// <summary>Leader epoch that it follows, or -1.</summary>
    public int LeaderEpoch { get; private set; } = -1;

    /// <summary>First offset that it has.</summary>
    public long LogStartOffset { get; private set; }

    /// <summary>Next offset it needs.</summary>
    public long LogEndOffset { get; private set; }

    /// <summary>How far its log counts as stored under the flush policy (D4).</summary>
    public long StoredEndOffset { get; private set; }

    /// <summary>The smaller of the leader's high watermark and its own end.</summary>
    public long HighWatermark { get; private set; }

    /// <summary>Whether a part of its log cannot be read, and is still to be cut.</summary>
    public bool IsDamaged => _damagedFrom is not null;

    /// <summary>False while a fetch or a change of the log is under way, or metadata has to come first.</summary>
    public bool CanFetch => LeaderEpoch >= 0 && !_isFenced && !_changesLog && _asked is null;

    /// <summary>
    /// Follows a leader epoch; a lower one than seen is ignored (S2), and answers to older fetches no longer count. What of the log is damaged is to be
    /// told again.
    /// </summary>
    /// <returns>True when it was new.</returns>
    public bool Follow(int leaderEpoch, long logStartOffset, long logEndOffset, long storedEndOffset, long highWatermark)
    {
        if (leaderEpoch <= LeaderEpoch)
            return false;

        LeaderEpoch = leaderEpoch;
        LogStartOffset = logStartOffset;
        LogEndOffset = logEndOffset;
        StoredEndOffset = Math.Min(storedEndOffset, logEndOffset);
        HighWatermark = Math.Min(highWatermark, logEndOffset);
        _leaderHighWatermark = 0;
        _asked = null;
        _changesLog = false;
        _isFenced = false;
        _damagedFrom = null;
        return true;
    }

    /// <summary>
    /// Records from an offset on cannot be read any more (D15). What was asked is not waited for: the next fetch asks from there, and so tells the leader,
    /// who has this replica leave the ISR.
    /// </summary>
    public void Damaged(long fromOffset)
    {
        if (fromOffset >= LogEndOffset)
            return;

        _damagedFrom = Math.Min(_damagedFrom ?? LogEndOffset, Math.Max(fromOffset, LogStartOffset));
        _asked = null;
    }

    /// <summary>
    /// Cuts what is damaged, and all behind it, to fetch it anew; but not while this replica may be elected: should it be made the leader, all but the
    /// damaged records are still there.
    /// </summary>
    /// <param name="isTrusted">Whether metadata has it in the ISR or the ELR.</param>
    /// <param name="decisions">Receives the cut.</param>
    public void Repair(bool isTrusted, FollowerDecisions decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        if (_damagedFrom is not { } from || isTrusted || LeaderEpoch < 0 || _changesLog)
            return;

        _asked = null;
        GoBackTo(Math.Max(from, LogStartOffset), decisions);
    }

    /// <summary>The next fetch; only while <see cref="CanFetch"/>.</summary>
    public FollowerFetch NextFetch()
    {
        if (!CanFetch)
            throw new InvalidOperationException("A fetch or a change of the log is under way.");

        var good = _damagedFrom ?? LogEndOffset;
        var fetch = new FollowerFetch(good, LeaderEpoch, history.LatestEpoch, LogStartOffset, Math.Min(StoredEndOffset, good), IsDamaged);
        _asked = fetch;
        return fetch;
    }

    /// <summary>The fetch was lost: nothing is known of it.</summary>
    public void FetchFailed(in FollowerFetch asked, FollowerDecisions decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        if (_asked != asked)
            return;

        _asked = null;
        decisions.BackOffMs = BackOffMs;
    }

    /// <summary>The leader answered.</summary>
    public void Fetched(in FollowerFetchReply reply, FollowerDecisions decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        if (_asked != reply.Asked)
            return;

        _asked = null;
        if (reply.Error == ErrorCode.OffsetOutOfRange && !IsDamaged)
            OutOfRange(reply, decisions);
        else if (reply.Error == ErrorCode.FencedLeaderEpoch)
            _isFenced = true;
        else if (reply.Error != ErrorCode.None || IsDamaged)
            decisions.BackOffMs = BackOffMs;
        else if (reply.Diverging is { } diverging)
            Diverged(diverging, reply.LeaderLogStartOffset, decisions);
        else
            Advanced(reply, decisions);
    }

    /// <summary>The records were appended.</summary>
    public void Appended(long logEndOffset, FollowerDecisions decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        ArgumentOutOfRangeException.ThrowIfLessThan(logEndOffset, LogEndOffset);
        _changesLog = false;
        LogEndOffset = logEndOffset;
        Commit(decisions);
    }

    /// <summary>The log could not be changed as decided, and is as it was.</summary>
    public void ChangeFailed(FollowerDecisions decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        _changesLog = false;
        decisions.BackOffMs = BackOffMs;
    }

    /// <summary>How far the log counts as stored now.</summary>
    public void Stored(long storedEndOffset) => StoredEndOffset = Math.Clamp(storedEndOffset, StoredEndOffset, LogEndOffset);

    /// <summary>The log was cut and ends here.</summary>
    public void Truncated(long logEndOffset)
    {
        _changesLog = false;
        LogEndOffset = Math.Min(LogEndOffset, logEndOffset);
        StoredEndOffset = Math.Min(StoredEndOffset, LogEndOffset);
        HighWatermark = Math.Min(HighWatermark, LogEndOffset);
        if (LogEndOffset <= _damagedFrom)
            _damagedFrom = null;
    }

    /// <summary>The log was emptied and starts here.</summary>
    public void Restarted(long offset)
    {
        _changesLog = false;
        _damagedFrom = null;
        LogStartOffset = offset;
        LogEndOffset = offset;
        StoredEndOffset = offset;
        HighWatermark = offset;
    }

    /// <summary>The log start moved.</summary>
    public void LogStartMoved(long logStartOffset) => LogStartOffset = Math.Max(LogStartOffset, logStartOffset);

    private void Advanced(in FollowerFetchReply reply, FollowerDecisions decisions)
    {
        _leaderHighWatermark = reply.HighWatermark;
        if (reply.Bytes > 0)
        {
            decisions.Append = true;
            _changesLog = true;
        }

        Commit(decisions);
        var start = Math.Min(reply.LeaderLogStartOffset, HighWatermark);
        if (start > LogStartOffset)
            decisions.AdvanceLogStart = start;
    }

    private void Commit(FollowerDecisions decisions)
    {
        var committed = Math.Min(_leaderHighWatermark, LogEndOffset);
        if (committed <= HighWatermark)
            return;

        HighWatermark = committed;
        decisions.HighWatermark = committed;
    }

    /// <summary>
    /// To the end of the largest common epoch, as far as both have it. Where this replica lacks the epoch that the leader named, it goes
    /// back to the end of its largest one below, and the next fetch asks again. What lies below the leader's log start nobody can vouch for:
    /// where nothing else is left, it goes.
    /// </summary>
    private void Diverged(DivergingEpoch diverging, long leaderLogStartOffset, FollowerDecisions decisions)
    {
        if (diverging.Epoch < 0 || diverging.EndOffset < 0)
        {
            decisions.BackOffMs = BackOffMs;
            return;
        }

        var (epoch, ownEnd) = history.EndOffsetFor(diverging.Epoch, LogEndOffset);
        var target = Math.Min(diverging.EndOffset, LogEndOffset);
        if (epoch >= 0)
            target = Math.Min(target, ownEnd);

        if (target <= leaderLogStartOffset && LogStartOffset < leaderLogStartOffset)
        {
            RestartAt(leaderLogStartOffset, decisions);
            return;
        }

        // Nothing to cut but an epoch without records: a leader that repeats itself must not keep this replica spinning.
        if (target == LogEndOffset)
            decisions.BackOffMs = BackOffMs;

        GoBackTo(target, decisions);
    }

    /// <summary>The leader's log ends below (an unclean election), or starts above what this replica has.</summary>
    private void OutOfRange(in FollowerFetchReply reply, FollowerDecisions decisions)
    {
        if (reply.LeaderLogStartOffset < 0 || reply.LeaderLogEndOffset < reply.LeaderLogStartOffset)
            decisions.BackOffMs = BackOffMs;
        else if (reply.LeaderLogEndOffset < LogEndOffset)
            GoBackTo(reply.LeaderLogEndOffset, decisions);
        else if (reply.LeaderLogStartOffset > LogEndOffset)
            RestartAt(reply.LeaderLogStartOffset, decisions);
        else
            decisions.BackOffMs = BackOffMs;
    }

    private void GoBackTo(long target, FollowerDecisions decisions)
    {
        if (target < LogStartOffset)
        {
            RestartAt(target, decisions);
            return;
        }

        decisions.TruncateTo = target;
        _changesLog = true;
    }

    private void RestartAt(long offset, FollowerDecisions decisions)
    {
        decisions.RestartAt = offset;
        _changesLog = true;
    }
}
