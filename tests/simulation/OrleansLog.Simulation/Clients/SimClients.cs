using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Simulation;

/// <summary>Producers that go on with what they last heard of the leaders, and consumers that read wherever they are let.</summary>
internal sealed class SimClients
{
    private const int Producers = 3;
    private const int ReadAgain = 4;
    private const int FinalWithinMs = 3_000;

    private readonly World _world;
    private readonly (int Leader, int Epoch)[,] _believed;
    private readonly (int Era, long Acknowledged)[,] _acknowledged;
    private readonly (int Era, long Offset)[] _positions;
    private readonly SimAppend?[] _final;
    private long _records;

    public SimClients(World world)
    {
        _world = world;
        _believed = new (int, int)[Producers, world.Partitions.Count];
        _acknowledged = new (int, long)[Producers, world.Partitions.Count];
        _positions = new (int, long)[world.Partitions.Count];
        _final = new SimAppend?[world.Partitions.Count];
    }

    /// <summary>One of the producers sends some records to the broker that it takes for the leader.</summary>
    public void Produce()
    {
        var dice = _world.Dice;
        var producer = dice.Below(Producers);
        var partition = dice.Of(_world.Partitions);
        ref var believed = ref _believed[producer, partition.Index];
        if (believed.Leader <= 0 || dice.OneIn(4))
            believed = AskForLeader(partition);
        if (believed.Leader <= 0)
            return;

        var append = NewAppend(producer, partition, dice.Below(3) == 0 ? AckLevel.Leader : AckLevel.All, dice.Between(1, 3));
        var known = dice.OneIn(2) ? believed.Epoch : -1;
        Send(append, _world.Broker(believed.Leader), known, dice.Below(4));
    }

    /// <summary>A consumer reads from the leader, or from any other replica (KIP-392).</summary>
    public void Consume()
    {
        var dice = _world.Dice;
        var partition = dice.Of(_world.Partitions);
        var from = dice.OneIn(2) ? AskForLeader(partition).Leader : dice.Of(partition.Persisted!.Replicas);
        if (from <= 0)
            return;

        var broker = _world.Broker(from);
        _world.At(_world.NowMs, broker.Node, Step.Consume, () =>
        {
            if (broker.Replica(partition) is { } replica)
                Read(partition, replica);
        });
    }

    /// <summary>Somebody deletes records below the high watermark of whoever leads.</summary>
    public void DeleteRecords()
    {
        var partition = _world.Dice.Of(_world.Partitions);
        if (_world.Dice.Of(_world.Brokers) is { Node.IsPaused: false } broker && broker.Replica(partition) is { Leads: true } replica)
            replica.DeleteRecords(_world.Dice.OneIn(2) ? -1 : Math.Max(0, replica.State.HighWatermark - _world.Dice.Below(6)));
    }

    /// <summary>A record for every partition, which has to be acknowledged once nothing fails any more.</summary>
    public void ProduceToAll()
    {
        foreach (var partition in _world.Partitions)
            ProduceFinal(partition);
    }

    /// <summary>Whether those are acknowledged; one that failed is sent again.</summary>
    public bool HasFinalAnswers()
    {
        var all = true;
        foreach (var partition in _world.Partitions)
        {
            var append = _final[partition.Index]!;
            if (append.Outcome == Outcome.Acknowledged)
                continue;

            all = false;
            if (append.Outcome != Outcome.Unknown || _world.NowMs - append.SentAtMs > FinalWithinMs)
                ProduceFinal(partition);
        }

        return all;
    }

    /// <summary>S9: what a producer sent after an acknowledgement comes after it.</summary>
    public void CheckOrder(SimAppend append)
    {
        ref var acknowledged = ref _acknowledged[append.Producer, append.Partition.Index];
        if (append.AfterOffset > append.FirstOffset && acknowledged.Era == append.Era)
            throw new RuleBrokenException("S9", $"{append.Partition.Name}: sent after offset {append.AfterOffset} was acknowledged, stored at {append.FirstOffset}");

        acknowledged = acknowledged.Era == append.Era ? (append.Era, Math.Max(acknowledged.Acknowledged, append.NextOffset)) : (append.Era, append.NextOffset);
    }

    /// <summary>Some records with acks=all for whoever leads a partition, if anybody does.</summary>
    public SimAppend ProduceTo(PartitionHistory partition, int count)
    {
        var append = NewAppend(0, partition, AckLevel.All, count);
        if (partition.Leading is { } leader)
            Send(append, leader.Broker, -1, 0);

        return append;
    }

    private void ProduceFinal(PartitionHistory partition) => _final[partition.Index] = ProduceTo(partition, 1);

    private SimAppend NewAppend(int producer, PartitionHistory partition, AckLevel acks, int count)
    {
        var records = new SimRecord[count];
        for (var i = 0; i < count; i++)
            records[i] = new SimRecord(++_records, -1);

        var acknowledged = _acknowledged[producer, partition.Index];
        return new SimAppend(producer, partition, acks)
        {
            Records = records,
            SentAtMs = _world.NowMs,
            AfterOffset = acknowledged.Era == partition.Era ? acknowledged.Acknowledged : 0,
        };
    }

    private void Send(SimAppend append, SimBroker broker, int knownEpoch, int delayMs) => _world.At(_world.NowMs + delayMs, broker.Node, Step.Produce, () =>
    {
        var error = broker.Replica(append.Partition)?.Produce(append, knownEpoch) ?? ErrorCode.UnknownTopicOrPartition;
        if (error == ErrorCode.None)
            return;

        append.Outcome = Outcome.Refused;
        _believed[append.Producer, append.Partition.Index] = default;
    });

    private void Read(PartitionHistory partition, SimReplica replica)
    {
        ref var position = ref _positions[partition.Index];
        if (position.Era != partition.Era)
            position = (partition.Era, 0);

        if (replica.State.CheckFetch(position.Offset, -1, allowsFollower: true) == ErrorCode.OffsetOutOfRange)
            position.Offset = replica.Log.Start;

        var end = _world.Broken == ShellMutation.ShowUncommitted ? replica.Log.End : replica.State.HighWatermark;
        if (replica.State.CheckFetch(position.Offset, -1, allowsFollower: true) != ErrorCode.None || end <= position.Offset)
            return;

        partition.CheckRead(replica, Math.Max(replica.Log.Start, position.Offset - ReadAgain), end);
        position.Offset = end;
        if (!replica.Leads)
            _world.Sightings.Saw(Sighting.FollowerRead);
    }

    /// <summary>Any broker answers with what it knows.</summary>
    private (int Leader, int Epoch) AskForLeader(PartitionHistory partition)
    {
        var broker = _world.Dice.Of(_world.Brokers);
        return broker.Node.IsUp && broker.Image.FindPartition(partition.TopicId, partition.Number) is { } known ? (known.Leader, known.LeaderEpoch) : default;
    }
}
