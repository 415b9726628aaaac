namespace OrleansLog.Core.Controller;

/// <summary>
/// The silos that may host the controller and are no brokers, by <c>node.id</c>. It lives with the controller, as sessions do, and is in no record: a
/// new controller hears of each with its next call. Nothing but the refusal of a second one rests on it.
/// </summary>
internal sealed class Candidates(long timeoutMs)
{
    private readonly Dictionary<int, Candidate> _known = [];
    private readonly BrokerSessions _sessions = new(timeoutMs);

    /// <summary>The regular look, by which the time in which the controller stood still is told.</summary>
    public void Look(long nowMs) => _sessions.Look(nowMs);

    /// <summary>A process that has the id is alive.</summary>
    public void Touch(int id, Candidate candidate, long nowMs)
    {
        _known[id] = candidate;
        _sessions.Touch(id, -1, nowMs);
    }

    /// <summary>The live process that has the id and is not this one; null where there is none.</summary>
    public Candidate? OtherWith(int id, Guid incarnationId, long nowMs) =>
        _known.TryGetValue(id, out var known) && known.IncarnationId != incarnationId && _sessions.IsLive(id, nowMs) ? known : null;

    public long ContactAgeMs(int id, long nowMs) => _sessions.ContactAgeMs(id, nowMs);

    public void SiloDied(string siloAddress)
    {
        foreach (var (id, _) in _known.Where(one => one.Value.SiloAddress == siloAddress).ToList())
        {
            _known.Remove(id);
            _sessions.End(id);
        }
    }

    /// <summary>A process that has an id.</summary>
    /// <param name="IncarnationId">New with every start of the process.</param>
    /// <param name="SiloAddress">Its silo.</param>
    /// <param name="JoinedEpoch">Epoch of the controller that it first came to.</param>
    internal sealed record Candidate(Guid IncarnationId, string SiloAddress, long JoinedEpoch);
}
