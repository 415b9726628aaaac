namespace OrleansLog.Core.Controller;

/// <summary>When each broker was last heard. Lives with the controller: a new one grants everybody a full session (D11).</summary>
internal sealed class BrokerSessions(long timeoutMs)
{
    private readonly Dictionary<int, Session> _sessions = [];

    public void GrantAll(MetadataImage image, long nowMs)
    {
        _sessions.Clear();
        foreach (var broker in image.Brokers.Values)
        {
            if (!broker.Fenced)
            {
                _sessions[broker.Id] = new Session(nowMs, -1);
            }
        }
    }

    public void Touch(int brokerId, long appliedVersion, long nowMs) => _sessions[brokerId] = new Session(nowMs, appliedVersion);

    public void End(int brokerId) => _sessions.Remove(brokerId);

    public bool IsLive(int brokerId, long nowMs) =>
        _sessions.TryGetValue(brokerId, out var session) && nowMs - session.LastContactMs < timeoutMs;

    public long ContactAgeMs(int brokerId, long nowMs) =>
        _sessions.TryGetValue(brokerId, out var session) ? nowMs - session.LastContactMs : -1;

    public long AppliedVersion(int brokerId) => _sessions.TryGetValue(brokerId, out var session) ? session.AppliedVersion : -1;

    private readonly record struct Session(long LastContactMs, long AppliedVersion);
}
