using OrleansLog.Core.Controller;

namespace OrleansLog.Grains;

/// <summary>The silos that may host the controller and are no brokers; one of them may be this one.</summary>
internal sealed partial class ControllerGrain
{
    /// <inheritdoc/>
    public Task<CandidateHeartbeatResult> StandByAsync(CandidateHeartbeat heartbeat) => OrNotControllerAsync(
        async () =>
        {
            StepDownIfSuperseded(heartbeat.KnownControllerEpoch);
            var request = heartbeat.ToRequest(SiloIsDead(heartbeat.NodeId));
            var answer = await _shell.DecideAsync((state, nowMs) => state.CandidateAlive(request, nowMs));
            var page = answer.Error == ErrorCode.None ? await _shell.TailAsync(heartbeat.AppliedVersion, Wait(heartbeat.MaxWaitMs)) : MetadataTailPage.Empty;
            return new CandidateHeartbeatResult
            {
                Error = answer.Error,
                Message = answer.Message,
                ControllerEpoch = _shell.ControllerEpoch,
                SessionTimeoutMs = _sessionTimeoutMs,
                LastContactAgeMs = answer.LastContactAgeMs,
                JoinedEpoch = answer.JoinedEpoch,
                Snapshot = page.Snapshot,
                Entries = page.Entries,
            };
        },
        message => new CandidateHeartbeatResult { Error = ErrorCode.NotController, Message = message });
}
