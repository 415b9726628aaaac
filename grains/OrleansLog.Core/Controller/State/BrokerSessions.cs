namespace OrleansLog.Core.Controller;

/// <summary>When each broker was last heard. Lives with the controller: a new one grants everybody a full session (D11).</summary>
/// <remarks>
/// A controller that stood still (a suspended or frozen machine, a long pause of the process) heard nobody because it did not
/// listen: that time runs against no session.
/// </remarks>
internal sealed class BrokerSessions(long timeoutMs)
{
    private readonly Dictionary<int, Session> _sessions = [];
    private long _movedAtMs;
    private long _stoodStillMs;
    private long _reportedMs;

    public void GrantAll(MetadataImage image, long nowMs)
    {
        _sessions.Clear();
        _movedAtMs = nowMs;
        _reportedMs = _stoodStillMs;
        foreach (var broker in image.Brokers.Values)
        {
            if (!broker.Fenced)
            {
                _sessions[broker.Id] = new Session(nowMs, -1, _stoodStillMs);
            }
        }
    }

    /// <summary>The regular look at the sessions; returns how long the controller stood still since the look before it, or 0.</summary>
    public long Look(long nowMs)
    {
        Advance(nowMs);
        var sinceLastLookMs = _stoodStillMs - _reportedMs;
        _reportedMs = _stoodStillMs;
        return sinceLastLookMs;
    }

    public void Touch(int brokerId, long appliedVersion, long nowMs)
    {
        Advance(nowMs);
        _sessions[brokerId] = new Session(nowMs, appliedVersion, _stoodStillMs);
    }

    public void End(int brokerId) => _sessions.Remove(brokerId);

    public bool IsLive(int brokerId, long nowMs) =>
        _sessions.TryGetValue(brokerId, out var session)
        && nowMs - session.LastContactMs - (StoodStillMs(nowMs) - session.StoodStillMs) < timeoutMs;

    public long ContactAgeMs(int brokerId, long nowMs) =>
        _sessions.TryGetValue(brokerId, out var session) ? nowMs - session.LastContactMs : -1;

    public long AppliedVersion(int brokerId) => _sessions.TryGetValue(brokerId, out var session) ? session.AppliedVersion : -1;

    private void Advance(long nowMs)
    {
        _stoodStillMs = StoodStillMs(nowMs);
        _movedAtMs = nowMs;
    }

    /// <summary>All the time in which this controller stood still, up to now.</summary>
    private long StoodStillMs(long nowMs)
    {
        var sinceMovedMs = nowMs - _movedAtMs;
        return sinceMovedMs > 2 * ControllerState.SessionLookIntervalMs
            ? _stoodStillMs + sinceMovedMs - ControllerState.SessionLookIntervalMs
            : _stoodStillMs;
    }

    private readonly record struct Session(long LastContactMs, long AppliedVersion, long StoodStillMs);
}
