namespace OrleansLog.Core.Groups;

/// <summary>The members of a group, who of them is static, and what all of them support.</summary>
internal sealed class MemberTable<TTicket>
    where TTicket : class
{
    private readonly OrderedDictionary<string, GroupMember<TTicket>> _members = [];
    private readonly Dictionary<string, string> _staticIds = [];
    private readonly Dictionary<string, int> _supporters = [];
    private readonly Dictionary<string, long> _pending = [];

    /// <summary>In the order in which they came.</summary>
    public OrderedDictionary<string, GroupMember<TTicket>>.ValueCollection All => _members.Values;

    public int Count => _members.Count;

    /// <summary>Members with a join that waits.</summary>
    public int WaitingJoins { get; private set; }

    /// <summary>Ids told to members that have not joined with them yet (KIP-394), and when they are forgotten.</summary>
    public IReadOnlyDictionary<string, long> Pending => _pending;

    /// <summary>What members and told ids take in memory, as <see cref="MemberSize"/> counts it.</summary>
    public long Bytes { get; private set; }

    /// <summary>Members of this generation that have not asked for their assignment.</summary>
    public HashSet<string> PendingSync { get; } = [];

    /// <summary>Empty when there is none.</summary>
    public string LeaderId { get; set; } = "";

    public GroupMember<TTicket>? Find(string memberId) => _members.GetValueOrDefault(memberId);

    public string? StaticMemberId(string groupInstanceId) => _staticIds.GetValueOrDefault(groupInstanceId);

    public int MaxRebalanceTimeoutMs
    {
        get
        {
            var longest = 0;
            foreach (var member in All)
                longest = Math.Max(longest, member.RebalanceTimeoutMs);

            return longest;
        }
    }

    public void Add(GroupMember<TTicket> member)
    {
        _members.Add(member.MemberId, member);
        if (member.GroupInstanceId is { } instance)
            _staticIds[instance] = member.MemberId;

        if (LeaderId.Length == 0)
            LeaderId = member.MemberId;

        Bytes += member.Bytes;
        CountSupport(member, 1);
        if (member.WaitingJoin is not null)
            WaitingJoins++;
    }

    public void Remove(GroupMember<TTicket> member)
    {
        if (!_members.Remove(member.MemberId))
            return;

        if (member.GroupInstanceId is { } instance && _staticIds.GetValueOrDefault(instance) == member.MemberId)
            _staticIds.Remove(instance);

        Bytes -= member.Bytes;
        CountSupport(member, -1);
        if (member.WaitingJoin is not null)
            WaitingJoins--;

        PendingSync.Remove(member.MemberId);
        if (LeaderId == member.MemberId)
            LeaderId = _members.Count > 0 ? _members.GetAt(0).Key : "";
    }

    /// <summary>Puts <paramref name="successor"/> in the place of a static member, its leadership and owed sync included.</summary>
    public void Replace(GroupMember<TTicket> member, GroupMember<TTicket> successor)
    {
        var leads = LeaderId == member.MemberId;
        var owesSync = PendingSync.Contains(member.MemberId);
        Remove(member);
        Add(successor);
        if (leads)
            LeaderId = successor.MemberId;

        if (owesSync)
            PendingSync.Add(successor.MemberId);
    }

    public void Offer(GroupMember<TTicket> member, JoinProtocol[] protocols)
    {
        Bytes += MemberSize.OfProtocols(protocols) - MemberSize.OfProtocols(member.Protocols);
        CountSupport(member, -1);
        member.Protocols = protocols;
        CountSupport(member, 1);
    }

    public void Assign(GroupMember<TTicket> member, byte[] assignment)
    {
        Bytes += assignment.Length - member.Assignment.Length;
        member.Assignment = assignment;
    }

    /// <summary>An id is told, and is to be used before <paramref name="endsMs"/>.</summary>
    public void Expect(string memberId, long endsMs)
    {
        Forget(memberId);
        _pending.Add(memberId, endsMs);
        Bytes += MemberSize.OfPending(memberId);
    }

    /// <summary>A told id is used, or not waited for any more; false when it was not told.</summary>
    public bool Forget(string memberId)
    {
        if (!_pending.Remove(memberId))
            return false;

        Bytes -= MemberSize.OfPending(memberId);
        return true;
    }

    /// <summary>The same as <see cref="Bytes"/>, counted anew.</summary>
    public long CountBytes() => All.Sum(static member => member.Bytes) + _pending.Keys.Sum(MemberSize.OfPending);

    public void Wait(GroupMember<TTicket> member, TTicket? join)
    {
        WaitingJoins += (join is null ? 0 : 1) - (member.WaitingJoin is null ? 0 : 1);
        member.WaitingJoin = join;
    }

    /// <summary>Whether one of the protocols is supported by every member.</summary>
    public bool SupportAny(IReadOnlyList<JoinProtocol> protocols)
    {
        foreach (var protocol in protocols)
        {
            if (_supporters.GetValueOrDefault(protocol.Name) == Count)
                return true;
        }

        return false;
    }

    /// <summary>Every member votes for the first of its protocols that all support; the most votes win, the earlier one of two with as many.</summary>
    public string? Vote()
    {
        var votes = new OrderedDictionary<string, int>();
        foreach (var member in All)
        {
            foreach (var protocol in member.Protocols)
            {
                if (_supporters.GetValueOrDefault(protocol.Name) != Count)
                    continue;

                votes[protocol.Name] = votes.GetValueOrDefault(protocol.Name) + 1;
                break;
            }
        }

        string? winner = null;
        var most = 0;
        foreach (var (name, count) in votes)
        {
            if (count > most)
                (winner, most) = (name, count);
        }

        return winner;
    }

    private void CountSupport(GroupMember<TTicket> member, int change)
    {
        foreach (var protocol in member.Protocols)
            _supporters[protocol.Name] = _supporters.GetValueOrDefault(protocol.Name) + change;

        if (change < 0)
        {
            foreach (var protocol in member.Protocols)
            {
                if (_supporters[protocol.Name] == 0)
                    _supporters.Remove(protocol.Name);
            }
        }
    }
}
