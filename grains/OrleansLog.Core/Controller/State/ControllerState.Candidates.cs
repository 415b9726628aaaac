using OrleansLog.Protocol;

namespace OrleansLog.Core.Controller;

public sealed partial class ControllerState
{
    private readonly Candidates _candidates;

    /// <summary>A silo that may host the controller and is no broker is alive; refused where its <c>node.id</c> is another's.</summary>
    public Decision<CandidateAnswer> CandidateAlive(CandidateAlive request, long nowMs)
    {
        if (Refuse(request, nowMs) is { } refusal)
        {
            return Decide(refusal);
        }

        var candidate = new Candidates.Candidate(request.IncarnationId, request.SiloAddress, request.JoinedEpoch < 0 ? ControllerEpoch : request.JoinedEpoch);
        _candidates.Touch(request.Id, candidate, nowMs);
        return Decide(new CandidateAnswer(ErrorCode.None) { JoinedEpoch = candidate.JoinedEpoch });
    }

    private CandidateAnswer? Refuse(CandidateAlive request, long nowMs)
    {
        // A new controller does not know whom the one before it knew: whoever comes to it first has the id only until the one comes that had it before.
        if (HolderAmongCandidates(request.Id, request.IncarnationId, request.SiloAddress, nowMs) is { } other
            && (request.JoinedEpoch < 0 || request.JoinedEpoch >= other.JoinedEpoch))
        {
            return new(ErrorCode.DuplicateBrokerRegistration, InUse(request.Id, other.SiloAddress), _candidates.ContactAgeMs(request.Id, nowMs));
        }

        return Latest.FindBroker(request.Id) is { } broker && IsHeld(broker, request.SiloAddress, request.PreviousSiloIsDead, nowMs)
            ? new(ErrorCode.DuplicateBrokerRegistration, InUse(request.Id, broker.SiloAddress), _sessions.ContactAgeMs(request.Id, nowMs))
            : null;
    }

    /// <summary>The live candidate that has an id which another process asks for; null where nobody has it.</summary>
    private Candidates.Candidate? HolderAmongCandidates(int id, Guid incarnationId, string siloAddress, long nowMs) =>
        _candidates.OtherWith(id, incarnationId, nowMs) is { } other && !IsLaterProcessOf(other.SiloAddress, siloAddress) ? other : null;

    /// <summary>Whether a broker lives that another process asks for the id of.</summary>
    private bool IsHeld(BrokerImage broker, string siloAddress, bool previousSiloIsDead, long nowMs) =>
        !broker.Fenced && _sessions.IsLive(broker.Id, nowMs) && !previousSiloIsDead && !IsLaterProcessOf(broker.SiloAddress, siloAddress);

    private static string InUse(int id, string holder) =>
        $"node.id {id} is in use: the silo {holder} is registered with it and alive; give this silo another node.id, or stop that one";
}
