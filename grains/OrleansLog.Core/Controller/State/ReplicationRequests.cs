using System.Collections.Immutable;
using OrleansLog.Core.Partition;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Controller;

/// <summary>Leaders of one broker ask for other ISRs.</summary>
/// <param name="BrokerId"><c>node.id</c> of the broker that leads.</param>
/// <param name="BrokerEpoch">Broker epoch of its registration.</param>
/// <param name="Partitions">One entry for each partition.</param>
public sealed record AlterPartition(int BrokerId, long BrokerEpoch, ImmutableArray<AskedIsr> Partitions);

/// <summary>The ISR that one leader asks for.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="LeaderEpoch">Leader epoch that the broker leads under.</param>
/// <param name="PartitionEpoch">Partition epoch that the request rests on; the change applies to that state or not at all.</param>
/// <param name="NewIsr">Who shall be in the ISR, the leader among them; without it where it resigns, being among those that have lost.</param>
public readonly record struct AskedIsr(TopicIdPartition Partition, int LeaderEpoch, int PartitionEpoch, ImmutableArray<IsrMember> NewIsr)
{
    private readonly ImmutableArray<int> _lost;

    /// <summary>Replicas that have lost what they had acknowledged (D15): they shall be neither in the ISR nor in the ELR.</summary>
    public ImmutableArray<int> Lost
    {
        get => _lost.IsDefault ? [] : _lost;
        init => _lost = value;
    }
}

/// <summary>The answer to <see cref="AlterPartition"/>.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/>, or <see cref="ErrorCode.StaleBrokerEpoch"/>: nothing was looked at.</param>
/// <param name="Partitions">What became of each, in the order of the request.</param>
public sealed record AlterPartitionAnswer(ErrorCode Error, ImmutableArray<AskedIsrAnswer> Partitions)
{
    /// <summary>
    /// True when a leader may take a change back because of this answer: only a controller that is the head of the log may say so (D2).
    /// </summary>
    public bool LetsLeaderRollBack => Partitions.Any(answer => answer.Error is ErrorCode.IneligibleReplica or ErrorCode.OperationNotAttempted);
}

/// <summary>What became of one <see cref="AskedIsr"/>.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Error">
/// <see cref="ErrorCode.None"/>; <see cref="ErrorCode.NewLeaderElected"/>: applied, together with an election;
/// <see cref="ErrorCode.IneligibleReplica"/>: not applied, nor will it be, so that a leader may take it back; anything else: not applied by this request, but
/// perhaps by an earlier one, so that the leader waits for metadata.
/// </param>
/// <param name="Now">The partition's state after the decision; null when there is no such partition.</param>
public readonly record struct AskedIsrAnswer(TopicIdPartition Partition, ErrorCode Error, PartitionImage? Now);

/// <summary>How to elect on demand, as Kafka numbers it.</summary>
public enum ElectionKind : sbyte
{
    /// <summary>The first replica of the assignment, where it is in the ISR.</summary>
    Preferred = 0,

    /// <summary>Anyone alive where nobody leads, whatever it lost.</summary>
    Unclean = 1,
}

/// <summary>Elects leaders on demand.</summary>
/// <param name="Kind">How.</param>
/// <param name="Partitions">For which partitions; null for all that need it.</param>
public sealed record ElectLeaders(ElectionKind Kind, IReadOnlyList<(string Topic, int Partition)>? Partitions);

/// <summary>Moves a partition to other brokers, or stops that.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number.</param>
/// <param name="Target">Brokers afterwards, preferred leader first; null cancels what is under way.</param>
public sealed record Reassign(string Topic, int Partition, IReadOnlyList<int>? Target);

/// <summary>What became of one partition of a request.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Partition">Partition number.</param>
/// <param name="Error"><see cref="ErrorCode.None"/> when done.</param>
/// <param name="Message">What was wrong and what to do.</param>
public sealed record PartitionAnswer(string Topic, int Partition, ErrorCode Error, string? Message = null);
