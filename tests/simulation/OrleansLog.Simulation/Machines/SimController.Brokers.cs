using OrleansLog.Core.Controller;
using OrleansLog.Protocol;

namespace OrleansLog.Simulation;

/// <summary>What brokers ask the controller.</summary>
internal sealed partial class SimController
{
    private readonly List<(long Applied, long DeadlineMs, Action Answer)> _polls = [];

    /// <summary>A heartbeat that waits for news.</summary>
    /// <param name="alive">The broker's heartbeat.</param>
    /// <param name="maxWaitMs">How long it may wait.</param>
    /// <param name="answer">Takes the answer and what is persisted.</param>
    public void Poll(BrokerAlive alive, int maxWaitMs, Action<BrokerAliveAnswer, MetadataImage> answer) => Decide(
        state => state.BrokerAlive(alive, world.NowMs),
        told =>
        {
            var deadline = world.NowMs + (told.MayShutDown || told.Error != ErrorCode.None ? 0 : maxWaitMs);
            if (deadline <= world.NowMs || Committed.Version > alive.AppliedVersion)
                answer(told, Page(alive.AppliedVersion));
            else
                _polls.Add((alive.AppliedVersion, deadline, () => answer(told, Page(alive.AppliedVersion))));
        });

    /// <summary>A leader wants another ISR. An answer that lets it take the change back is only given by the head of the log (D2).</summary>
    public void AlterPartition(AlterPartition request, Action<AlterPartitionAnswer?> answer)
    {
        if (Committed.Version < world.Database.Image.Version && Committed.ControllerEpoch != world.Database.Image.ControllerEpoch)
            world.Sightings.Saw(Sighting.StaleControllerAsked);

        Decide(state => state.AlterPartition(request), told =>
        {
            if (told.LetsLeaderRollBack)
                VerifyHead(isHead => answer(isHead ? told : null));
            else
                answer(told);
        });
    }

    /// <summary>Everything that is persisted, or a page of it.</summary>
    private MetadataImage Page(long applied) => Committed.Version > applied + 1 && world.Dice.OneIn(3)
        ? world.Database.At(applied + 1 + world.Dice.Below((int)(Committed.Version - applied)))
        : Committed;

    private void AnswerPolls()
    {
        for (var i = 0; i < _polls.Count;)
        {
            var (applied, deadline, answer) = _polls[i];
            if (Committed.Version <= applied && world.NowMs < deadline)
            {
                i++;
                continue;
            }

            _polls.RemoveAt(i);
            answer();
        }
    }
}
