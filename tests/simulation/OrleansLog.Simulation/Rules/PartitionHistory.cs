using OrleansLog.Core.Controller;
using OrleansLog.Core.Partition;

namespace OrleansLog.Simulation;

/// <summary>
/// All that ever became of one partition, as nobody in the cluster can know it: every record written, everything committed, every persisted
/// state. Replicas tell it what they do, and it says what must not be.
/// </summary>
internal sealed partial class PartitionHistory(World world, int index, SimTopic topic, int number)
{
    private const int EpochBits = 16;

    private readonly List<SimRecord> _committed = [];
    private readonly Dictionary<long, long> _written = [];
    private readonly Dictionary<int, (int Broker, int Life)> _leaders = [];
    private SimReplica? _newestLeader;
    private int _newestLedEpoch = -1;
    private int _newestWrittenEpoch = -1;

    /// <summary>Leader epoch of the latest unclean election: what lower ones did may be lost.</summary>
    private int _lossEpoch = -1;

    /// <summary>An unclean election is persisted, and its leader has not begun: what survives is not known yet.</summary>
    private bool _isLosing;

    /// <summary>Deleted on purpose up to here: nobody has to have that any more, though some still may.</summary>
    private long _deletedEnd;

    public int Index => index;

    public SimTopic Topic => topic;

    public int Number => number;

    public string Name => $"{topic.Name}-{number}";

    /// <summary>Counts the unclean elections.</summary>
    public int Era => Persisted?.UncleanElections ?? 0;

    /// <summary>What is committed ends here.</summary>
    public long CommittedEnd => _committed.Count;

    /// <summary>Leads under the newest persisted epoch, and knows it; or null.</summary>
    public SimReplica? Leading =>
        Persisted is { HasLeader: true } now && world.Broker(now.Leader).Replica(this) is { Leads: true } replica && replica.State.LeaderEpoch == now.LeaderEpoch
            ? replica
            : null;

    /// <summary>S4, and S2: one record for an (offset, epoch), written by one leader.</summary>
    public void Written(SimReplica replica, long offset, SimRecord record)
    {
        if (!_written.TryAdd((offset << EpochBits) | (uint)record.Epoch, record.Id))
            throw Broken("S4", $"broker {replica.Broker.Id} writes another record at offset {offset} of leader epoch {record.Epoch}");

        if (record.Epoch == _newestWrittenEpoch - 1)
            world.Sightings.Saw(Sighting.TwoLeadersWithClients);

        _newestWrittenEpoch = Math.Max(_newestWrittenEpoch, record.Epoch);
    }

    /// <summary>S4: what a follower copies is what was written there.</summary>
    public void CheckCopied(SimReplica replica, long offset, SimRecord record)
    {
        if (!_written.TryGetValue((offset << EpochBits) | (uint)record.Epoch, out var id) || id != record.Id)
            throw Broken("S4", $"broker {replica.Broker.Id} copies record {record.Id} of epoch {record.Epoch} to offset {offset}, where it was never written");
    }

    /// <summary>S2: one leader for an epoch. S1, S7: it has everything that was committed.</summary>
    public void Led(SimReplica replica)
    {
        var epoch = replica.State.LeaderEpoch;
        var who = (replica.Broker.Id, replica.Broker.Node.Life);
        world.Trace.Note(Step.Led, world.NowMs, who.Id, index, epoch, replica.Log.End);
        if (!_leaders.TryAdd(epoch, who) && _leaders[epoch] != who)
            throw Broken("S2", $"brokers {_leaders[epoch].Broker} and {who.Id} lead in epoch {epoch}");

        // Who hears late of an epoch that is over leads nobody.
        if (epoch < _newestLedEpoch || epoch < _lossEpoch)
            return;

        (_newestLedEpoch, _newestLeader) = (epoch, replica);

        if (_isLosing)
            TakeLoss(replica);

        Deleted(replica.Log.Start);
        CheckHas(replica, replica.Log.Start, _committed.Count, "S1", "leads without");
    }

    /// <summary>The high watermark of a leader passed records: from now on they are what consumers may have seen.</summary>
    public void Committed(SimReplica replica, long from, long to)
    {
        if (_isLosing || replica.State.LeaderEpoch < _lossEpoch)
            return;

        world.Trace.Note(Step.Committed, world.NowMs, replica.Broker.Id, index, to, replica.State.LeaderEpoch);
        CheckHas(replica, Math.Max(from, replica.Log.Start), Math.Min(to, _committed.Count), "S5", "commits another record than");
        for (long offset = _committed.Count; offset < to; offset++)
            _committed.Add(replica.Log.Has(offset) ? replica.Log[offset] : default);

        if (_newestLedEpoch > replica.State.LeaderEpoch && _newestLeader is { } newest && newest.Broker.Replica(this) == newest)
            CheckHas(newest, newest.Log.Start, to, "S1", "leads already, without");

        CheckIsrHas(replica, to);
    }

    /// <summary>S6: whoever is in the persisted ISR has what its leader calls committed.</summary>
    private void CheckIsrHas(SimReplica leader, long end)
    {
        if (Persisted is not { } now || now.LeaderEpoch != leader.State.LeaderEpoch || now.Leader != leader.Broker.Id)
            return;

        foreach (var id in now.Isr)
        {
            var broker = world.Broker(id);
            if (broker.IsTheRegisteredOne && broker.Replica(this) is { } member && member.StoredEnd < end)
            {
                throw Broken(
                    "S6", $"broker {leader.Broker.Id} commits up to {end} in epoch {now.LeaderEpoch}, the ISR is {string.Join(',', now.Isr)}, and broker {id} has it up to {member.StoredEnd}");
            }
        }
    }

    /// <summary>S1: what is acknowledged to acks=all is committed. D4: what is acknowledged to acks=1 is stored.</summary>
    public void Acknowledged(SimReplica replica, SimAppend append)
    {
        if (append.Acks == AckLevel.Leader && append.NextOffset > replica.StoredEnd)
            throw Broken("D4", $"broker {replica.Broker.Id} acknowledges up to {append.NextOffset}, and has stored up to {replica.StoredEnd}");

        if (append.Acks != AckLevel.All || _isLosing || replica.State.LeaderEpoch < _lossEpoch || append.Era != Era)
            return;

        for (var i = 0; i < append.Records.Length; i++)
        {
            if (append.FirstOffset + i >= _committed.Count || _committed[(int)append.FirstOffset + i] != append.Records[i])
                throw Broken("S1", $"broker {replica.Broker.Id} acknowledges offset {append.FirstOffset + i}, committed is up to {_committed.Count}");
        }

        world.Clients.CheckOrder(append);
    }

    /// <summary>A leader deleted records.</summary>
    public void Deleted(long end) => _deletedEnd = Math.Max(_deletedEnd, end);

    /// <summary>S3: a consumer reads only what stays.</summary>
    public void CheckRead(SimReplica replica, long from, long to)
    {
        if (_isLosing || replica.State.LeaderEpoch < _lossEpoch || (!replica.Leads && replica.ReconciledEpoch < _lossEpoch))
            return;

        // After a loss a follower may still know of more than the new leader, whose epoch did not commit it.
        if (_lossEpoch >= 0 && !replica.Leads)
            to = Math.Min(to, _committed.Count);
        else if (to > _committed.Count)
            throw Broken("S3", $"a consumer reads offset {to - 1} from broker {replica.Broker.Id}, committed is up to {_committed.Count}");

        CheckHas(replica, from, to, "S3", "shows a consumer another record than");
    }

    /// <summary>S1: nobody cuts off what is committed; though under an older epoch one cannot know what the newest leader commits.</summary>
    public void CheckCut(SimReplica replica, long end)
    {
        if (_isLosing || replica.State.LeaderEpoch < Math.Max(_lossEpoch, _newestLedEpoch))
            return;

        for (var offset = Math.Max(end, replica.Log.Start); offset < Math.Min(replica.Log.End, _committed.Count); offset++)
        {
            if (replica.Log[offset] == _committed[(int)offset])
                throw Broken("S1", $"broker {replica.Broker.Id} cuts its log at {end}, and offset {offset} is committed");
        }
    }

    /// <summary>S4 at the end of a run: all replicas hold the same.</summary>
    public void CheckAlike()
    {
        foreach (var id in Persisted!.Replicas)
        {
            var replica = world.Broker(id).Replica(this)!;
            CheckHas(replica, replica.Log.Start, replica.Log.End, "S4", "ends up with another record than");
        }
    }

    /// <summary>Whether everything is as it should be when nothing fails.</summary>
    public bool IsWhole() => Leading is { } leader && !Persisted!.IsReassigning && Persisted.Isr.Length == Persisted.Replicas.Length
        && Persisted.Replicas.All(id => world.Broker(id).Replica(this) is { } replica
            && replica.Log.End == leader.Log.End && replica.State.HighWatermark == leader.Log.End && replica.State.LeaderEpoch == leader.State.LeaderEpoch);

    public override string ToString() => Persisted is null ? $"{Name} does not exist"
        : $"{Name}: leader {Persisted.Leader} epoch {Persisted.LeaderEpoch}/{Persisted.PartitionEpoch}, replicas {string.Join(',', Persisted.Replicas)}, "
        + $"ISR {string.Join(',', Persisted.Isr)}, ELR {string.Join(',', Persisted.Elr)}, committed {_committed.Count}, "
        + string.Join(", ", Persisted.Replicas.Select(id => world.Broker(id).Replica(this) is { } replica
            ? $"{id}:{replica.State.Role} epoch {replica.State.LeaderEpoch} {replica.Log.Start}-{replica.State.HighWatermark}-{replica.Log.End}" : $"{id}:none"));

    /// <summary>The recorded loss takes effect: committed is what the new leader still has, and what it calls so.</summary>
    private void TakeLoss(SimReplica replica)
    {
        _isLosing = false;
        var log = replica.Log;
        var end = Math.Min(log.Start, _committed.Count);
        while (end < _committed.Count && log.Has(end) && log[end] == _committed[(int)end])
            end++;

        _committed.RemoveRange((int)end, _committed.Count - (int)end);
        for (long offset = _committed.Count; offset < Math.Max(log.Start, replica.State.HighWatermark); offset++)
            _committed.Add(log.Has(offset) ? log[offset] : default);
    }

    private void CheckHas(SimReplica replica, long from, long to, string rule, string doesWhat)
    {
        for (var offset = Math.Max(from, _deletedEnd); offset < to; offset++)
        {
            var expected = _committed[(int)offset];
            if (expected.Id != 0 && (!replica.Log.Has(offset) || replica.Log[offset] != expected))
            {
                throw Broken(
                    rule, $"broker {replica.Broker.Id} in epoch {replica.State.LeaderEpoch} {doesWhat} record {expected.Id} of epoch {expected.Epoch} at offset {offset}; "
                    + $"committed is up to {_committed.Count}, its log goes from {replica.Log.Start} to {replica.Log.End}");
            }
        }
    }

    private RuleBrokenException Broken(string rule, string what) => new(rule, $"{Name}: {what}");
}
