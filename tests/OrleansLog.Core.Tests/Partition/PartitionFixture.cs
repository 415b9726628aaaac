using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Tests.Partition;

/// <summary>A partition's state with short forms for its events; tickets are strings.</summary>
internal sealed class PartitionFixture
{
    public const int Local = 1;

    private int _partitionEpoch;

    public PartitionFixture(int[]? isr = null, int[]? replicas = null, int minIsr = 1, bool ackPolicy = false, long logEnd = 0, bool lead = true)
    {
        State = new PartitionState<string>(Local, Eligible);
        State.Opened(0, logEnd, logEnd, 0);
        State.Configure(minIsr, ackPolicy, Decisions);
        if (lead)
            Lead(epoch: 0, isr ?? [Local], replicas ?? isr ?? [Local]);

        Decisions.Clear();
    }

    public EligibleBrokers Eligible { get; } = new();

    public PartitionState<string> State { get; }

    public PartitionDecisions<string> Decisions { get; } = new();

    public bool Lead(int epoch, int[]? isr = null, int[]? replicas = null, int leader = Local) => State.Apply(
        new PartitionLeadership
        {
            LeaderId = leader,
            LeaderEpoch = epoch,
            PartitionEpoch = _partitionEpoch++,
            Replicas = replicas ?? isr ?? [Local],
            Isr = isr ?? [Local],
        },
        Decisions);

    /// <summary>Appends one batch; true when it is answered at once.</summary>
    public bool Append(string ticket, int records = 1, AckLevel acks = AckLevel.All, int bytes = 100)
    {
        var end = State.LogEndOffset + records;
        State.Appended(end, bytes, Decisions);
        return !State.MustWait(end, acks, ticket);
    }

    /// <summary>The tickets that were answered since the last call, with their errors.</summary>
    public List<(string Ticket, ErrorCode Error)> TakeAnswers()
    {
        var answers = Decisions.Acks.Select(ack => (ack.Ticket, ack.Error)).ToList();
        Decisions.Clear();
        return answers;
    }

    /// <summary>A follower fetches under broker epoch 7, everything stored unless told otherwise.</summary>
    public void Fetch(int broker, long offset, long now = 0, long? stored = null, long epoch = 7, bool lost = false) =>
        State.FollowerFetched(broker, epoch, offset, stored ?? offset, now, Decisions, lost);

    /// <summary>The controller's state after an ISR change, at the next partition epoch.</summary>
    public PartitionLeadership Persisted(params int[] isr) => State.Leadership! with { PartitionEpoch = _partitionEpoch++, Isr = isr };

    internal sealed class EligibleBrokers : IReplicaBrokers
    {
        public HashSet<int> Barred { get; } = [];

        public bool MayJoinIsr(int brokerId, long brokerEpoch) => brokerEpoch == 7 && !Barred.Contains(brokerId);

        public bool IsAlive(int brokerId) => !Barred.Contains(brokerId);

        public Dictionary<int, string> Racks { get; } = [];

        public string? RackOf(int brokerId) => Racks.GetValueOrDefault(brokerId);
    }
}
