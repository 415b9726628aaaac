using OrleansLog.Core.Controller;
using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Simulation;

/// <summary>A leader that wants another ISR asks the controller until it knows.</summary>
internal sealed partial class SimReplica
{
    private const int AnswerWithinMs = 500;

    private IsrChange? _asking;
    private long _askedAtMs;
    private bool _isAsked;

    private void AskForIsr(IsrChange change)
    {
        // What is asked again is asked after a pause: with the next tick.
        _isAsked = !ReferenceEquals(change, _asking);
        _asking = change;
        if (_isAsked)
            SendIsrChange(change);
    }

    private void CheckIsrChange()
    {
        if (_asking is not { } change)
            return;

        if (!ReferenceEquals(change, State.PendingIsrChange))
            _asking = null;
        else if (!_isAsked)
            SendIsrChange(change);
        else if (_world.NowMs - _askedAtMs > AnswerWithinMs)
            State.IsrChangeAnswered(change, ErrorCode.RequestTimedOut, null, _decisions);
    }

    private void SendIsrChange(IsrChange change)
    {
        _isAsked = true;
        _askedAtMs = _world.NowMs;
        var id = new TopicIdPartition(Partition.TopicId, Partition.Number);
        _broker.AlterPartition(new AskedIsr(id, change.LeaderEpoch, change.PartitionEpoch, change.NewIsr) { Lost = change.Lost }, (error, now) => IsrChangeAnswered(change, error, now));
    }

    private void IsrChangeAnswered(IsrChange change, ErrorCode error, PartitionImage? now)
    {
        if (!State.IsOpen)
            return;

        var wasPending = ReferenceEquals(change, State.PendingIsrChange);
        var before = State.Leadership;
        _world.Trace.Note(Step.IsrAltered, _world.NowMs, _broker.Id, Partition.Index, (long)error, change.PartitionEpoch);
        State.IsrChangeAnswered(change, error, now?.ToLeadership(), _decisions);
        if (wasPending && State.PendingIsrChange is null && error == ErrorCode.IneligibleReplica)
        {
            _world.Sightings.Saw(Sighting.IsrChangeTakenBack);
            Partition.CheckTakenBack(this, change);
        }

        if (!ReferenceEquals(before, State.Leadership))
            Partition.CheckApplied(this);

        CarryOut();
    }
}
