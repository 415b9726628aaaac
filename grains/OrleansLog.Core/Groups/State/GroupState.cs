using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

/// <summary>
/// The rules of one group of the classic protocol, and its committed offsets, as Kafka 4.1's coordinator has them. Pure: events come in with
/// their time, decisions go out, and the caller keeps events of one group from overlapping, appends what is decided under its shard's leader
/// epoch, says how that went (<see cref="AppendCompleted"/>), and calls <see cref="Tick"/> at <see cref="NextDeadlineMs"/>.
/// </summary>
/// <remarks>Every ticket handed in comes back in exactly one answer. What is answered as committed rests on an append that succeeded.</remarks>
/// <typeparam name="TTicket">What the caller recognises a waiting request by.</typeparam>
public sealed partial class GroupState<TTicket>
    where TTicket : class
{
    /// <summary>The class of protocols whose metadata the coordinator can read.</summary>
    public const string ConsumerProtocolType = "consumer";

    private readonly GroupSettings _settings;
    private readonly MemberTable<TTicket> _members = new();
    private GroupPhase _previousPhase = GroupPhase.Dead;
    private bool _hasRecord;

    /// <summary>Makes the state of a group that nobody has used yet; <see cref="Replay"/> gives it its past.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="settings">Bounds of all groups.</param>
    public GroupState(string groupId, GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(groupId);
        ArgumentNullException.ThrowIfNull(settings);
        GroupId = groupId;
        _settings = settings;
    }

    /// <summary>The group.</summary>
    public string GroupId { get; }

    /// <summary>Where it stands.</summary>
    public GroupPhase Phase { get; private set; }

    /// <summary>Rises with every completed join barrier.</summary>
    public int GenerationId { get; private set; }

    /// <summary>Class of protocols of its members; null when it never had any.</summary>
    public string? ProtocolType { get; private set; }

    /// <summary>What its members voted for; null without members.</summary>
    public string? ProtocolName { get; private set; }

    /// <summary>Member id of the leader, or empty.</summary>
    public string LeaderId => _members.LeaderId;

    /// <summary>Members, without those that were only told an id.</summary>
    public int MemberCount => _members.Count;

    /// <summary>Wall clock of the last change of <see cref="Phase"/>, or -1 where the record did not say.</summary>
    public long PhaseSinceUnixMs { get; private set; } = -1;

    /// <summary>When <see cref="Tick"/> has something to do at the earliest, by <see cref="GroupTime.NowMs"/>; <see cref="long.MaxValue"/>: never. Ask after every event.</summary>
    public long NextDeadlineMs => Math.Min(Math.Min(_joinEndsMs, _syncEndsMs), _firstSessionEndsMs);

    /// <summary>True when the object holds nothing that a new one would not: deleted, or never used. Forget it then.</summary>
    public bool CanForget => _pendingAppends.Count == 0 && (Phase == GroupPhase.Dead || IsUnknown);

    /// <summary>Nobody has heard of this group: no members, no record, no offset.</summary>
    private bool IsUnknown =>
        Phase == GroupPhase.Empty && !_hasRecord && _members.Pending.Count == 0 && _pendingAppends.Count == 0
        && _offsets.Count == 0 && _transactions.Count == 0 && _foreign.Count == 0;

    private bool IsConsumerGroup => ProtocolType == ConsumerProtocolType;

    /// <summary>This broker stops being the group's coordinator: everything that waits is answered and the object is done.</summary>
    /// <param name="error">Usually <see cref="ErrorCode.NotCoordinator"/>.</param>
    /// <param name="decisions">Receives the answers.</param>
    public void Unload(ErrorCode error, GroupDecisions<TTicket> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        foreach (var member in _members.All)
        {
            decisions.Answer(member.WaitingJoin, new JoinAnswer { Error = error, MemberId = member.MemberId });
            decisions.Answer(member.WaitingSync, new SyncAnswer { Error = error });
            _members.Wait(member, null);
            member.WaitingSync = null;
        }

        foreach (var pending in _pendingAppends.Values)
            pending.Fail(error, decisions);

        _pendingAppends.Clear();
        _appendBytes = 0;
        _joinEndsMs = _syncEndsMs = _firstSessionEndsMs = long.MaxValue;
        Phase = GroupPhase.Dead;
    }

    private void Enter(GroupPhase phase, GroupTime time)
    {
        _previousPhase = Phase;
        Phase = phase;
        PhaseSinceUnixMs = time.UnixMs;
    }

    /// <summary>Whether the member exists and is who it says (KIP-345).</summary>
    private ErrorCode CheckMember(string memberId, string? groupInstanceId)
    {
        if (groupInstanceId is not null)
        {
            var current = _members.StaticMemberId(groupInstanceId);
            if (current is null)
                return ErrorCode.UnknownMemberId;
            if (current != memberId)
                return ErrorCode.FencedInstanceId;
        }

        return _members.Find(memberId) is null ? ErrorCode.UnknownMemberId : ErrorCode.None;
    }
}
