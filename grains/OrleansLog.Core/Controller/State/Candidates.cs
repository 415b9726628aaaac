namespace OrleansLog.Core.Controller;

/// <summary>
/// The silos that may host the controller and are no brokers, by <c>node.id</c>. It lives with the controller, as sessions do, and is in no record: a
/// new controller hears of each with its next call. Nothing but the refusal of a second one rests on it.
/// </summary>
internal sealed class Candidates(long timeoutMs)
{
    private readonly Dictionary<int, (Guid IncarnationId, string SiloAddress)> _known = [];
    private readonly BrokerSessions _sessions = new(timeoutMs);

    /// <summary>The regular look, by which the time in which the controller stood still is told.</summary>
    public void Look(long nowMs) => _sessions.Look(nowMs);

    public void Touch(int id, Guid incarnationId, string siloAddress, long nowMs)
    {
        _known[id] = (incarnationId, siloAddress);
        _sessions.Touch(id, -1, nowMs);
    }

    /// <summary>The silo of a live process that has the id and is not this one; null where there is none.</summary>
    public string? OtherWith(int id, Guid incarnationId, long nowMs) =>
        _known.TryGetValue(id, out var known) && known.IncarnationId != incarnationId && _sessions.IsLive(id, nowMs) ? known.SiloAddress : null;

    public long ContactAgeMs(int id, long nowMs) => _sessions.ContactAgeMs(id, nowMs);

    public void SiloDied(string siloAddress)
    {
        foreach (var (id, _) in _known.Where(one => one.Value.SiloAddress == siloAddress).ToList())
        {
            _known.Remove(id);
            _sessions.End(id);
        }
    }
}
