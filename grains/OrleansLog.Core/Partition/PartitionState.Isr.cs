using System.Collections.Immutable;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Partition;

public sealed partial class PartitionState<TTicket>
{
    private readonly IReplicaBrokers? _brokers;
    private ReplicaProgress[] _followers = [];
    private IsrChange? _pendingIsrChange;
    private bool _resigns;
    private long _nowMs = long.MinValue;

    /// <summary><c>replica.lag.time.max.ms</c>: how long a follower may lag before it leaves the ISR, in milliseconds.</summary>
    public long ReplicaLagTimeMaxMs { get; set; } = 30_000;

    /// <summary>Broker epoch of this broker's registration, or -1; it goes along when an ISR is asked for.</summary>
    public long LocalBrokerEpoch { get; set; } = -1;

    /// <summary>The ISR change that waits for the controller's answer; one at a time.</summary>
    public IsrChange? PendingIsrChange => _pendingIsrChange;

    /// <summary>True while acks=all is refused and the high watermark stands still.</summary>
    public bool IsUnderMinIsr => Leadership is null || Leadership.Isr.Count < EffectiveMinInsyncReplicas;

    /// <summary>A follower asked for records, and so told how far it has come; a claim beyond the leader's log is not believed.</summary>
    /// <param name="brokerId">The broker that follows.</param>
    /// <param name="brokerEpoch">Its broker epoch; an older one than seen before is ignored.</param>
    /// <param name="fetchOffset">Its log end offset.</param>
    /// <param name="storedEndOffset">How much of it counts as stored there under the flush policy (D4).</param>
    /// <param name="nowMs">The time, in milliseconds.</param>
    /// <param name="decisions">Receives answers, the high watermark, an ISR change.</param>
    /// <param name="hasLost">
    /// Whether it says that it has lost what it had. A lower offset alone does not say so: the fetch may have been on its way since before later ones.
    /// </param>
    public void FollowerFetched(
        int brokerId, long brokerEpoch, long fetchOffset, long storedEndOffset, long nowMs, PartitionDecisions<TTicket> decisions, bool hasLost = false)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        if (Role != PartitionRole.Leader || fetchOffset > LogEndOffset || Find(brokerId) is not { } follower || brokerEpoch < follower.BrokerEpoch)
            return;

        _nowMs = Math.Max(_nowMs, nowMs);
        var isFirst = follower.BrokerEpoch < 0;
        follower.Fetched(brokerEpoch, fetchOffset, storedEndOffset, LogEndOffset, CountsOnlyDurable, nowMs);
        follower.HasLost = follower.IsTrusted && (hasLost || follower.HasLost);
        if (follower.HasLost)
            AskWithoutLost(decisions);
        else if (MayExpandBy(follower))
            Ask(decisions, follower, nowMs: null);
        else if (isFirst)
            AskForOneMore(decisions); // Nobody could be asked for while the epoch of a member was not known.

        AdvanceHighWatermark(decisions);
    }

    /// <summary>
    /// As a leader: records of its own log cannot be read any more (D15). It asks for an ISR without itself, so that another member leads, as soon as there
    /// is one.
    /// </summary>
    public void Resign(PartitionDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        if (Role != PartitionRole.Leader)
            return;

        _resigns = true;
        AskWithoutLost(decisions);
    }

    /// <summary>Asks for a smaller ISR when members lag for too long; due every half of <see cref="ReplicaLagTimeMaxMs"/>.</summary>
    /// <param name="nowMs">The time, in milliseconds; a follower gets the whole lag time from the first check under a leader epoch.</param>
    /// <param name="decisions">Receives the ISR change.</param>
    public void CheckIsr(long nowMs, PartitionDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        if (Role != PartitionRole.Leader)
            return;

        _nowMs = Math.Max(_nowMs, nowMs);
        var lags = false;
        foreach (var follower in _followers)
        {
            if (!follower.IsInIsr)
                continue;

            follower.CaughtUpMs ??= nowMs;
            lags |= Lags(follower, nowMs);
        }

        if (lags && _pendingIsrChange is null)
            Ask(decisions, joining: null, nowMs);
        else
            AskForOneMore(decisions);

        AdvanceHighWatermark(decisions);
    }

    /// <summary>
    /// Metadata changed who may join the ISR: a follower that has everything asks for nothing more, so that it would be overlooked until something
    /// is appended.
    /// </summary>
    /// <param name="decisions">Receives an ISR change.</param>
    public void EligibilityChanged(PartitionDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        AskForOneMore(decisions);
    }

    /// <summary>The controller answered an ISR change, or could not be asked.</summary>
    /// <param name="asked">What was asked.</param>
    /// <param name="error">
    /// Only <see cref="ErrorCode.IneligibleReplica"/> and <see cref="ErrorCode.OperationNotAttempted"/> take the change back;
    /// what cannot be mended by asking again waits for metadata; anything else is asked again, after a pause of the sender's.
    /// </param>
    /// <param name="now">The partition's state, where the controller told it.</param>
    /// <param name="decisions">Receives what follows.</param>
    public void IsrChangeAnswered(IsrChange asked, ErrorCode error, PartitionLeadership? now, PartitionDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(asked);
        ArgumentNullException.ThrowIfNull(decisions);
        var isPending = ReferenceEquals(asked, _pendingIsrChange);
        switch (error)
        {
            case ErrorCode.None or ErrorCode.NewLeaderElected:
                if (now is not null && now.LeaderEpoch == LeaderEpoch)
                    Apply(now, decisions);
                break;
            case ErrorCode.IneligibleReplica or ErrorCode.OperationNotAttempted when isPending:
                ForgetIsrChange();
                if (now is null || now.LeaderEpoch != LeaderEpoch || !Apply(now, decisions))
                    AdvanceHighWatermark(decisions);
                break;
            case ErrorCode.FencedLeaderEpoch or ErrorCode.InvalidUpdateVersion or ErrorCode.InvalidRequest
                or ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId:
                break;
            default:
                if (isPending)
                    decisions.IsrChange = asked;
                break;
        }
    }

    /// <summary>
    /// One change at a time: whoever came while another one was under way is asked for once that is settled. Only whoever has everything: anybody
    /// else fetches and comes by itself, or is not there, and was put out for that a moment ago.
    /// </summary>
    private void AskForOneMore(PartitionDecisions<TTicket> decisions)
    {
        AskWithoutLost(decisions);
        if (Role != PartitionRole.Leader || _pendingIsrChange is not null)
            return;

        foreach (var follower in _followers)
        {
            if (follower.PositionUnder(CountsOnlyDurable) >= LogEndOffset && MayExpandBy(follower))
            {
                Ask(decisions, follower, nowMs: null);
                return;
            }
        }
    }

    private bool CanResign => _resigns && Array.Exists(_followers, static follower => follower.IsInIsr && !follower.HasLost);

    /// <summary>Whoever lost what it had acknowledged leaves at once, not after the lag time.</summary>
    private void AskWithoutLost(PartitionDecisions<TTicket> decisions)
    {
        if (Role != PartitionRole.Leader || _pendingIsrChange is not null)
            return;

        if (CanResign || Array.Exists(_followers, static follower => follower.HasLost))
            Ask(decisions, joining: null, nowMs: null);
    }

    private bool Lags(ReplicaProgress follower, long nowMs) =>
        follower.IsInIsr && !follower.IsCaughtUp(LogEndOffset, CountsOnlyDurable, nowMs, ReplicaLagTimeMaxMs);

    private bool MayExpandBy(ReplicaProgress follower)
    {
        var position = follower.PositionUnder(CountsOnlyDurable);
        return !follower.IsInIsr && _pendingIsrChange is null && position >= HighWatermark && position >= EpochStartOffset && IsEligible(follower);
    }

    private bool IsAboutToJoin(ReplicaProgress follower) =>
        follower.IsCaughtUp(LogEndOffset, CountsOnlyDurable, _nowMs, ReplicaLagTimeMaxMs) && IsEligible(follower);

    private bool IsEligible(ReplicaProgress follower) =>
        follower.BrokerEpoch >= 0 && _brokers is not null && _brokers.MayJoinIsr(follower.BrokerId, follower.BrokerEpoch);

    private void Ask(PartitionDecisions<TTicket> decisions, ReplicaProgress? joining, long? nowMs)
    {
        var resigns = CanResign;
        var members = ImmutableArray.CreateBuilder<IsrMember>();
        foreach (var brokerId in Leadership!.Isr)
        {
            if (brokerId == LocalBrokerId)
            {
                if (!resigns)
                    members.Add(new(brokerId, LocalBrokerEpoch));
            }
            else if (Find(brokerId) is { HasLost: false } follower && !(nowMs is { } now && Lags(follower, now)))
            {
                // The controller refuses a member without its epoch; it fetches soon, or lags and is left out.
                if (follower.BrokerEpoch < 0)
                    return;

                members.Add(new(brokerId, follower.BrokerEpoch));
            }
        }

        if (joining is not null)
        {
            joining.IsJoining = true;
            members.Add(new(joining.BrokerId, joining.BrokerEpoch));
        }

        _pendingIsrChange = new()
        {
            LeaderEpoch = LeaderEpoch,
            PartitionEpoch = Leadership.PartitionEpoch,
            NewIsr = members.ToImmutable(),
            Lost = [.. _followers.Where(static follower => follower.HasLost).Select(static follower => follower.BrokerId), .. resigns ? [LocalBrokerId] : Array.Empty<int>()],
        };
        decisions.IsrChange = _pendingIsrChange;
    }

    private void ForgetIsrChange()
    {
        _pendingIsrChange = null;
        foreach (var follower in _followers)
            follower.IsJoining = false;
    }

    /// <summary>Keeps what is known of the followers that stay; a newer partition epoch settles the ISR change that was under way.</summary>
    private void TakeOverReplicas(PartitionLeadership leadership)
    {
        if (Role != PartitionRole.Leader || _pendingIsrChange is { } asked
            && (asked.LeaderEpoch != leadership.LeaderEpoch || asked.PartitionEpoch < leadership.PartitionEpoch))
            ForgetIsrChange();

        if (Role != PartitionRole.Leader)
        {
            _followers = [];
            _resigns = false;
            return;
        }

        var followers = new List<ReplicaProgress>();
        foreach (var brokerId in leadership.Replicas.Union(leadership.Isr))
        {
            if (brokerId == LocalBrokerId)
                continue;

            var follower = Find(brokerId) ?? new ReplicaProgress(brokerId);
            follower.IsInIsr = leadership.Isr.Contains(brokerId);
            follower.IsTrusted = follower.IsInIsr || leadership.Elr.Contains(brokerId);
            follower.HasLost &= follower.IsTrusted;
            followers.Add(follower);
        }

        _followers = [.. followers];
    }

    /// <summary>What waits for acks=all was appended, but the ISR has become too small to commit it.</summary>
    private void FailTooFew(PartitionDecisions<TTicket> decisions)
    {
        if (Role != PartitionRole.Leader || !IsUnderMinIsr)
            return;

        while (_waitingForAll.TryDequeueReached(long.MaxValue, out var ticket))
            decisions.Acks.Add(new(ticket, ErrorCode.NotEnoughReplicasAfterAppend));
    }

    private ReplicaProgress? Find(int brokerId)
    {
        foreach (var follower in _followers)
        {
            if (follower.BrokerId == brokerId)
                return follower;
        }

        return null;
    }
}
