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

        _candidates.Touch(request.Id, request.IncarnationId, request.SiloAddress, nowMs);
        return Decide(new CandidateAnswer(ErrorCode.None));
    }

    private CandidateAnswer? Refuse(CandidateAlive request, long nowMs)
    {
        if (HolderAmongCandidates(request.Id, request.IncarnationId, request.SiloAddress, nowMs) is { } other)
        {
            return new(ErrorCode.DuplicateBrokerRegistration, InUse(request.Id, other), _candidates.ContactAgeMs(request.Id, nowMs));
        }

        return Latest.FindBroker(request.Id) is { } broker && IsHeld(broker, request.SiloAddress, request.PreviousSiloIsDead, nowMs)
            ? new(ErrorCode.DuplicateBrokerRegistration, InUse(request.Id, broker.SiloAddress), _sessions.ContactAgeMs(request.Id, nowMs))
            : null;
    }

    /// <summary>The silo of a live candidate that has an id which another process asks for; null where nobody has it.</summary>
    private string? HolderAmongCandidates(int id, Guid incarnationId, string siloAddress, long nowMs) =>
        _candidates.OtherWith(id, incarnationId, nowMs) is { } other && !IsLaterProcessOf(other, siloAddress) ? other : null;

    /// <summary>Whether a broker lives that another process asks for the id of.</summary>
    private bool IsHeld(BrokerImage broker, string siloAddress, bool previousSiloIsDead, long nowMs) =>
        !broker.Fenced && _sessions.IsLive(broker.Id, nowMs) && !previousSiloIsDead && !IsLaterProcessOf(broker.SiloAddress, siloAddress);

    private static string InUse(int id, string holder) =>
        $"node.id {id} is in use: the silo {holder} is registered with it and alive; give this silo another node.id, or stop that one";
}
