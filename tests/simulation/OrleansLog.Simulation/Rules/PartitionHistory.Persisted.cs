using System.Collections.Immutable;
using OrleansLog.Core.Controller;
using OrleansLog.Core.Partition;

namespace OrleansLog.Simulation;

/// <summary>What the metadata log says of the partition.</summary>
internal sealed partial class PartitionHistory
{
    private const int AcceptedForMs = 10_000;

    private readonly List<PartitionImage> _states = [];
    private long _lossAcceptedAtMs = -AcceptedForMs;

    public Guid TopicId { get; private set; }

    /// <summary>The newest persisted state; null before the topic exists.</summary>
    public PartitionImage? Persisted => _states.Count == 0 ? null : _states[^1];

    private bool LossIsAccepted => world.NowMs - _lossAcceptedAtMs < AcceptedForMs;

    /// <summary>An operator asks for an unclean election; the controller may take its time.</summary>
    public void AcceptLoss() => _lossAcceptedAtMs = world.NowMs;

    public void Created(Guid topicId, PartitionImage state)
    {
        TopicId = topicId;
        _states.Add(state);
    }

    /// <summary>A change was persisted.</summary>
    /// <param name="change">The record.</param>
    /// <param name="registered">The broker that registered last in the same version, or null.</param>
    public void Changed(PartitionChangeRecord change, RegisteredBroker? registered)
    {
        var before = _states[^1];
        var after = before with
        {
            PartitionEpoch = change.PartitionEpoch,
            Leader = change.Leader ?? before.Leader,
            LeaderEpoch = change.LeaderEpoch ?? before.LeaderEpoch,
            Isr = change.Isr ?? before.Isr,
            Elr = change.Elr ?? before.Elr,
            LastKnownElr = change.LastKnownElr ?? before.LastKnownElr,
            Replicas = change.Replicas ?? before.Replicas,
            Directories = change.Directories ?? before.Directories,
            Adding = change.Adding ?? before.Adding,
            Removing = change.Removing ?? before.Removing,
            UncleanElections = change.UncleanElections ?? before.UncleanElections,
        };
        _states.Add(after);
        if (world.Trace.IsWritten)
            world.Trace.Say(world.NowMs, $"{this}");

        var isUnclean = after.UncleanElections > before.UncleanElections;
        CheckElection(before, after, isUnclean);
        if (isUnclean)
        {
            _isLosing = true;
            _lossEpoch = after.LeaderEpoch;
        }
        else
        {
            CheckLeavers(before, after, registered);
            CheckJoiners(before, after);
            CheckReplicas(before, after);
        }

        Look(before, after, isUnclean);
    }

    /// <summary>S6: a replica acts on what is persisted.</summary>
    public void CheckApplied(SimReplica replica)
    {
        var applied = replica.State.Leadership!;
        if (applied.PartitionEpoch >= _states.Count)
            throw Broken("S6", $"broker {replica.Broker.Id} acts on partition epoch {applied.PartitionEpoch}, persisted is {_states.Count - 1}");

        var persisted = _states[applied.PartitionEpoch];
        if (applied.LeaderId != persisted.Leader || applied.LeaderEpoch != persisted.LeaderEpoch || !applied.Isr.SequenceEqual(persisted.Isr))
            throw Broken("S6", $"broker {replica.Broker.Id} acts on another partition epoch {applied.PartitionEpoch} than the persisted one");
    }

    /// <summary>S6: a leader takes back only what did not happen.</summary>
    public void CheckTakenBack(SimReplica leader, IsrChange change)
    {
        if (Persisted!.LeaderEpoch == change.LeaderEpoch && change.NewIsr.All(member => Persisted.Isr.Contains(member.BrokerId)))
            throw Broken("S6", $"broker {leader.Broker.Id} takes back the ISR {string.Join(',', change.NewIsr.Select(member => member.BrokerId))}, which is persisted");
    }

    /// <summary>S1, S7: a leader was trusted before, or the election is recorded as unclean; and that happens only where nobody is trusted or loss is allowed.</summary>
    private void CheckElection(PartitionImage before, PartitionImage after, bool isUnclean)
    {
        if (isUnclean)
        {
            var nobodyIsLeft = before.Isr.IsEmpty && before.Elr.IsEmpty;
            if (!nobodyIsLeft && !LossIsAccepted && !world.Scenario.UncleanAllowed)
                throw Broken("S7", $"broker {after.Leader} is elected uncleanly, though {string.Join(',', before.Isr.Concat(before.Elr))} may have everything");
        }
        else if (after.HasLeader && after.Leader != before.Leader)
        {
            // The ISR change that completes a reassignment may bring the next leader in.
            var completes = before.IsReassigning && !after.IsReassigning;
            if (!before.Isr.Contains(after.Leader) && !before.Elr.Contains(after.Leader) && !completes)
                throw Broken("S1", $"broker {after.Leader} is elected, in sync were {string.Join(',', before.Isr)}, eligible {string.Join(',', before.Elr)}");
        }
    }

    /// <summary>S1: whoever may have everything stays eligible, until the ISR has its minimum or the records are known to be gone.</summary>
    private void CheckLeavers(PartitionImage before, PartitionImage after, RegisteredBroker? registered)
    {
        var minimum = Math.Min(world.Scenario.MinIsr, Math.Max(1, after.Replicas.Length - after.Adding.Length));
        if (after.Isr.Length >= minimum)
            return;

        foreach (var id in before.Isr.Concat(before.Elr))
        {
            if (after.Isr.Contains(id) || after.Elr.Contains(id) || !after.Replicas.Contains(id))
                continue;

            var hasLost = registered is { } broker && broker.Id == id
                && (broker.MayHaveLostUnsynced || !broker.Directories.Contains(before.DirectoryOf(id) ?? DirectoryIds.Lost));
            if (!hasLost)
                throw Broken("S1", $"broker {id} may have everything, and is neither in sync nor eligible any more; the ISR is {string.Join(',', after.Isr)}");
        }
    }

    /// <summary>S7: whoever comes into the ISR has caught up.</summary>
    private void CheckJoiners(PartitionImage before, PartitionImage after)
    {
        if (_isLosing)
            return;

        foreach (var id in after.Isr)
        {
            var broker = world.Broker(id);
            if (before.Isr.Contains(id) || !broker.IsTheRegisteredOne || broker.Replica(this) is not { } replica)
                continue;

            if (before.HasLeader && after.LeaderEpoch == before.LeaderEpoch && world.Broker(before.Leader).Replica(this) is { Leads: true } leader
                && leader.State.LeaderEpoch == before.LeaderEpoch && leader.State.PendingIsrChange?.NewIsr.Any(member => member.BrokerId == id) != true)
            {
                throw Broken("S6", $"broker {id} joins the ISR, and its leader {before.Leader} does not count it");
            }

            if (broker.MayHaveLost)
                world.Sightings.Saw(Sighting.UncleanBrokerRejoined);
            if (replica.StoredEnd < _committed.Count)
                throw Broken("S7", $"broker {id} joins the ISR with records up to {replica.StoredEnd}, committed is up to {_committed.Count}");

            CheckHas(replica, Math.Max(replica.Log.Start, _committed.Count - 8), _committed.Count, "S7", "joins the ISR without");
        }
    }

    /// <summary>
    /// S2: a leader that goes on after replicas went does so in a new epoch, in which it knows nothing of them. D11: who comes into the ISR has its
    /// replica in a directory that is known.
    /// </summary>
    private void CheckReplicas(PartitionImage before, PartitionImage after)
    {
        if (after.LeaderEpoch == before.LeaderEpoch && before.Replicas.Any(id => !after.Replicas.Contains(id)))
            throw Broken("S2", $"replicas go from {string.Join(',', before.Replicas)} to {string.Join(',', after.Replicas)} in one leader epoch");

        foreach (var id in after.Isr)
        {
            if (!before.Isr.Contains(id) && !before.Elr.Contains(id) && after.DirectoryOf(id) == DirectoryIds.Unassigned)
                throw Broken("S7", $"broker {id} joins the ISR, and nobody knows in which directory its replica lies");
        }
    }

    private void Look(PartitionImage before, PartitionImage after, bool isUnclean)
    {
        var sightings = world.Sightings;
        if (after is { HasLeader: true, Isr.Length: 1, Replicas.Length: > 1 })
            sightings.Saw(Sighting.IsrOfOne);
        if (isUnclean)
            sightings.Saw(Sighting.UncleanElection);
        else if (after.HasLeader && before.Elr.Contains(after.Leader) && !before.Isr.Contains(after.Leader))
            sightings.Saw(Sighting.ElrElection);
        if (before.IsReassigning && !after.IsReassigning && after.Replicas.Length < before.Replicas.Length)
            sightings.Saw(Sighting.ReassignmentDone);
        if (!after.HasLeader && after.Isr.Concat(after.Elr).Any(id => IsGone(after, id)))
            sightings.Saw(Sighting.OfflineForLostDirectory);
    }

    private bool IsGone(PartitionImage state, int id) =>
        world.Database.Image.FindBroker(id) is { } broker && !broker.IsOnline(state.DirectoryOf(id) ?? DirectoryIds.Lost);
}

/// <summary>A broker that registered.</summary>
/// <param name="Id"><c>node.id</c>.</param>
/// <param name="MayHaveLostUnsynced">What its directories' markers said.</param>
/// <param name="Directories">Its directories.</param>
internal sealed record RegisteredBroker(int Id, bool MayHaveLostUnsynced, ImmutableArray<Guid> Directories);
