using OrleansLog.Core.Controller;
using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Simulation;

/// <summary>One open replica: the shell around <see cref="PartitionState{TTicket}"/> and <see cref="FollowerState"/>.</summary>
internal sealed partial class SimReplica : IReplicaBrokers
{
    private const int ClientPatienceMs = 1_500;

    private readonly World _world;
    private readonly SimBroker _broker;
    private readonly PartitionDecisions<SimAppend> _decisions = new();
    private readonly bool _countsOnlyDurable;
    private readonly Queue<SimAppend> _unanswered = new();
    private long _highWatermark;
    private bool _isSyncing;
    private int _ticks;

    public SimReplica(World world, SimBroker broker, PartitionHistory partition, Guid directory, SimLog log)
    {
        _world = world;
        _broker = broker;
        Partition = partition;
        Directory = directory;
        Log = log;
        _countsOnlyDurable = world.Scenario.CountsOnlyDurable(partition.Topic.Factor);
        State = new PartitionState<SimAppend>(broker.Id, this) { ReplicaLagTimeMaxMs = world.Scenario.LagMs, LocalBrokerEpoch = broker.BrokerEpoch };
        State.Opened(log.Start, log.End, log.DurableEnd, log.Checkpoint);
        State.Configure(world.Scenario.MinIsr, _countsOnlyDurable, _decisions);
        _follower = new FollowerState(log.Epochs) { BackOffMs = 40 };
        _highWatermark = State.HighWatermark;
        world.Trace.Note(Step.Opened, world.NowMs, broker.Id, partition.Index, log.End, State.HighWatermark);
        if (log.End < log.Checkpoint)
            world.Sightings.Saw(Sighting.CutBelowCheckpoint);

        // What is written down never says more than the log has, or records that take the place of those lost would pass for committed.
        log.WriteCheckpoint(State.HighWatermark);
        Sync();
    }

    public PartitionHistory Partition { get; }

    public Guid Directory { get; }

    public SimLog Log { get; }

    public PartitionState<SimAppend> State { get; }

    public SimBroker Broker => _broker;

    public bool Leads => State.Role == PartitionRole.Leader;

    /// <summary>How far it counts as stored under its flush policy.</summary>
    public long StoredEnd => _countsOnlyDurable ? Log.DurableEnd : Log.End;

    /// <summary>The highest leader epoch under which its log was found to agree with the leader's.</summary>
    public int ReconciledEpoch { get; private set; } = -1;

    /// <inheritdoc/>
    public bool MayJoinIsr(int brokerId, long brokerEpoch) => _broker.MayJoinIsr(Partition, brokerId, brokerEpoch);

    public bool IsAlive(int brokerId) => _broker.Image.FindBroker(brokerId) is { Fenced: false };

    public string? RackOf(int brokerId) => null;

    public void RegisteredAgain(long brokerEpoch) => State.LocalBrokerEpoch = brokerEpoch;

    /// <summary>Takes over what metadata says.</summary>
    public void Apply(PartitionImage image)
    {
        var epochBefore = State.LeaderEpoch;
        var leads = image.Leader == _broker.Id && image.LeaderEpoch > epochBefore;
        if (leads)
            Log.Epochs.Assign(image.LeaderEpoch, Log.End);

        if (!State.Apply(image.ToLeadership(), _decisions))
            return;

        Partition.CheckApplied(this);
        if (State.LeaderEpoch < epochBefore)
            throw new RuleBrokenException("S2", $"broker {_broker.Id} goes from leader epoch {epochBefore} of {Partition.Name} back to {State.LeaderEpoch}");

        if (leads && Leads)
            Partition.Led(this);

        if (State.LeaderEpoch != epochBefore)
            LeadershipChanged();

        CarryOut();
    }

    /// <summary>The directory failed, or the process ends.</summary>
    public void GoOffline(ErrorCode error)
    {
        State.WentOffline(error, _decisions);
        _fetchers.Clear();
        CarryOut();
    }

    /// <summary>A producer's request has arrived.</summary>
    public ErrorCode Produce(SimAppend append, int knownEpoch)
    {
        var error = State.CheckProduce(append.Acks, knownEpoch);
        if (error != ErrorCode.None)
            return error;

        append.FirstOffset = Log.End;
        append.Era = Partition.Era;
        for (var i = 0; i < append.Records.Length; i++)
        {
            append.Records[i] = append.Records[i] with { Epoch = State.LeaderEpoch };
            Partition.Written(this, Log.End, append.Records[i]);
            Log.Append(append.Records[i]);
        }

        _world.Trace.Note(Step.Appended, _world.NowMs, _broker.Id, Partition.Index, append.FirstOffset, State.LeaderEpoch);
        State.Appended(Log.End, append.Records.Length, _decisions);
        if (State.MustWait(append.NextOffset, append.Acks, append))
            _unanswered.Enqueue(append);
        else
            _decisions.Acks.Add(new(append, ErrorCode.None));

        CarryOut();
        Sync();
        WakeFetchers();
        return ErrorCode.None;
    }

    /// <summary>Records below are deleted, as retention or DeleteRecords does.</summary>
    public void DeleteRecords(long before)
    {
        if (State.CheckDeleteRecords(before, out var start) == ErrorCode.None)
        {
            AdvanceLogStart(start);
            Partition.Deleted(Log.Start);
        }
    }

    /// <summary>What a process does from time to time.</summary>
    public void Tick()
    {
        _ticks++;
        while (_unanswered.TryPeek(out var oldest) && _world.NowMs - oldest.SentAtMs > ClientPatienceMs)
        {
            _unanswered.Dequeue();
            if (oldest.Outcome == Outcome.Unknown)
                State.Withdraw(oldest);
        }

        if (_ticks % 2 == 0)
        {
            State.CheckIsr(_world.NowMs, _decisions);
            CheckNobodyLags();
        }

        if (_ticks % 5 == _broker.Id % 5)
            Log.WriteCheckpoint(State.HighWatermark);
        if (!_countsOnlyDurable && _ticks % 16 == _broker.Id % 16)
            Sync(always: true);

        CheckIsrChange();
        CarryOut();
        FetchIfDue();
        AnswerLateFetchers();
    }

    private void AdvanceLogStart(long start)
    {
        Log.AdvanceStart(start);
        State.LogStartMoved(Log.Start);
        _follower.LogStartMoved(Log.Start);
    }

    private void Sync(bool always = false)
    {
        if (_isSyncing || Log.DurableEnd == Log.End || !(_countsOnlyDurable || always))
            return;

        _isSyncing = true;
        var end = Log.End;
        var generation = Log.Generation;
        _world.At(_world.NowMs + _world.Dice.Between(1, 8), _broker.Node, Step.Synced, () =>
        {
            _isSyncing = false;
            if (Log.Generation == generation && State.IsOpen)
            {
                if (_world.Broken != ShellMutation.TakeWritesForSyncs)
                    Log.Synced(end);

                State.BecameDurable(end, _decisions);
                if (_countsOnlyDurable)
                    _follower.Stored(end);

                CarryOut();
            }

            if (_countsOnlyDurable && State.IsOpen)
                Sync();
        });
    }

    /// <summary>Carries out what was decided, and looks at the rules.</summary>
    private void CarryOut()
    {
        var highWatermark = State.HighWatermark;
        if (highWatermark < _highWatermark)
            throw new RuleBrokenException("S3", $"the high watermark of {Partition.Name} on broker {_broker.Id} goes from {_highWatermark} back to {highWatermark}");
        if (highWatermark > Log.End)
            throw new RuleBrokenException("S3", $"broker {_broker.Id} has {Partition.Name} up to {Log.End}, and calls it committed up to {highWatermark}");
        if (highWatermark > _highWatermark && Leads)
            Partition.Committed(this, _highWatermark, highWatermark);

        _highWatermark = highWatermark;
        for (var i = 0; i < _decisions.Acks.Count; i++)
            Answer(_decisions.Acks[i].Ticket, _decisions.Acks[i].Error);

        var change = _decisions.IsrChange;
        _decisions.Clear();
        if (change is not null)
            AskForIsr(change);
    }

    private void Answer(SimAppend append, ErrorCode error)
    {
        _world.Trace.Note(error == ErrorCode.None ? Step.Acknowledged : Step.Refused, _world.NowMs, _broker.Id, Partition.Index, append.FirstOffset, (long)error);
        append.Outcome = error == ErrorCode.None ? Outcome.Acknowledged : Outcome.Failed;
        if (error == ErrorCode.NotEnoughReplicasAfterAppend)
            _world.Sightings.Saw(Sighting.TooFewAfterAppend);
        if (error == ErrorCode.None)
            Partition.Acknowledged(this, append);
    }
}
