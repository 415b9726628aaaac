using OrleansLog.Cluster.Member;

namespace OrleansLog.Cluster.Tests.History;

/// <summary>One partition of a group, event by event.</summary>
internal sealed class GroupPartitionHistory(SortedDictionary<long, string> log, List<GroupFinding> findings)
{
    private readonly Dictionary<string, Tenure> _tenures = new(StringComparer.Ordinal);
    private readonly HashSet<long> _delivered = [];
    private int _begun;

    /// <summary>The latest tenure that had a commit acknowledged.</summary>
    private int _owner = -1;

    /// <summary>The highest offset whose commit was answered, or that was shown to be committed.</summary>
    private long _committed = -1;

    private long _attempted;
    private long _leastAnswer = -1;

    public void Follow(IEnumerable<GroupEvent> events)
    {
        foreach (var happened in events)
        {
            Follow(happened);
        }

        foreach (var offset in log.Keys.Where(offset => !_delivered.Contains(offset)))
        {
            Found(GroupAnomaly.NeverDelivered, $"offset {offset}: {log[offset]}");
        }
    }

    private void Follow(GroupEvent happened)
    {
        switch (happened.Kind)
        {
            case GroupEventKind.Assigned:
                _tenures[happened.Member] = new Tenure(_begun++, happened.Member, _committed);
                break;
            case GroupEventKind.Revoked or GroupEventKind.Lost:
                _tenures.Remove(happened.Member);
                break;
            case GroupEventKind.Polled:
                Polled(happened);
                break;
            case GroupEventKind.CommitStarted:
                CommitStarted(happened);
                break;
            case GroupEventKind.CommitAcknowledged:
                CommitAcknowledged(happened);
                break;
            case GroupEventKind.Asked:
                _leastAnswer = _committed;
                break;
            default:
                Observed(happened);
                break;
        }
    }

    private void Polled(GroupEvent polled)
    {
        Compare(polled);
        _delivered.Add(polled.Offset);
        if (!_tenures.TryGetValue(polled.Member, out var tenure))
        {
            Found(GroupAnomaly.PollWithoutTenure, polled);
        }
        else if (tenure.Polled < 0)
        {
            Begin(tenure, polled);
        }
        else if (polled.Offset <= tenure.Polled)
        {
            Found(GroupAnomaly.NonMonotonicPoll, polled, $"after {tenure.Polled}");
        }
        else if (Passed(tenure.Polled + 1, polled.Offset))
        {
            Found(GroupAnomaly.SkippedPoll, polled, $"after {tenure.Polled}");
        }

        tenure?.Polled = polled.Offset;
    }

    private void Begin(Tenure tenure, GroupEvent polled)
    {
        if (polled.Offset < tenure.LeastStart)
        {
            Found(GroupAnomaly.CommitForgotten, polled, $"begins before the commit of {tenure.LeastStart}");
        }
        else if (Passed(_attempted, polled.Offset))
        {
            Found(GroupAnomaly.SkippedByNextOwner, polled, $"begins behind {_attempted}");
        }
    }

    /// <summary>True where the log holds something from one offset up to another.</summary>
    private bool Passed(long from, long to)
    {
        while (from < to && !log.ContainsKey(from))
        {
            from++;
        }

        return from < to;
    }

    private void Compare(GroupEvent polled)
    {
        if (!log.TryGetValue(polled.Offset, out var value))
        {
            Found(GroupAnomaly.PhantomPoll, polled);
        }
        else if (value != polled.Value)
        {
            Found(GroupAnomaly.InconsistentPoll, polled, $"the log has {value}");
        }
    }

    private void CommitStarted(GroupEvent commit)
    {
        _attempted = Math.Max(_attempted, commit.Offset);
        if (_tenures.TryGetValue(commit.Member, out var tenure))
        {
            tenure.OwnerAtCommit = _owner;
        }
    }

    private void CommitAcknowledged(GroupEvent commit)
    {
        _committed = Math.Max(_committed, commit.Offset);
        if (!_tenures.TryGetValue(commit.Member, out var tenure))
        {
            return;
        }

        if (tenure.Number < tenure.OwnerAtCommit)
        {
            Found(GroupAnomaly.TwoOwners, commit, "taken after a later owner's");
        }

        _owner = Math.Max(_owner, tenure.Number);
    }

    private void Observed(GroupEvent observed)
    {
        if (observed.Offset > _attempted)
        {
            Found(GroupAnomaly.PhantomCommit, observed, $"the highest one sent is {_attempted}");
        }
        else if (observed.Offset < _leastAnswer)
        {
            Found(GroupAnomaly.CommitWentBack, observed, $"it was {_leastAnswer}");
        }

        _committed = Math.Max(_committed, observed.Offset);
    }

    private void Found(GroupAnomaly anomaly, GroupEvent happened, string why = "") => Found(anomaly, $"{happened.ToLine()} {why}");

    private void Found(GroupAnomaly anomaly, string detail) => findings.Add(new GroupFinding(anomaly, detail));
}
