using OrleansLog.Log;
using OrleansLog.Protocol;

namespace OrleansLog.Core.Groups;

public sealed partial class GroupState<TTicket>
{
    /// <summary>What happens when an append is done; this one: nothing.</summary>
    private class PendingAppend
    {
        /// <summary>Bytes of members that are kept until it is done.</summary>
        public long MemberBytes { get; set; }

        /// <summary>The shard is gone before the append was done.</summary>
        public virtual void Fail(ErrorCode error, GroupDecisions<TTicket> decisions)
        {
        }
    }

    private sealed class AssignmentAppend : PendingAppend
    {
        public AssignmentAppend(int generationId, Dictionary<string, byte[]> assignments)
        {
            (GenerationId, Assignments) = (generationId, assignments);
            MemberBytes = MemberSize.OfShares(assignments);
        }

        public int GenerationId { get; }
        public Dictionary<string, byte[]> Assignments { get; }
    }

    private sealed class ReplaceAppend(GroupMember<TTicket> old, GroupMember<TTicket> member, TTicket ticket, JoinAnswer answer) : PendingAppend
    {
        public GroupMember<TTicket> Old => old;
        public GroupMember<TTicket> Member => member;
        public TTicket Ticket => ticket;
        public JoinAnswer Answer => answer;
    }

    private sealed class CommitAppend(TTicket? ticket, PartitionError[] partitions, List<(TopicPartitionName Partition, StoredOffset Offset)> offsets)
        : PendingAppend
    {
        public TTicket? Ticket => ticket;
        public PartitionError[] Partitions => partitions;
        public List<(TopicPartitionName Partition, StoredOffset Offset)> Offsets => offsets;

        public override void Fail(ErrorCode error, GroupDecisions<TTicket> decisions) => decisions.Answer(ticket, CommitFailed(partitions, error));
    }

    /// <summary>Offsets that go, by request or because they expired; with them perhaps the group.</summary>
    private sealed class ForgetAppend(TTicket? ticket, GroupAnswer? answer, List<TopicPartitionName> partitions, bool removesGroup) : PendingAppend
    {
        public TTicket? Ticket => ticket;
        public GroupAnswer? Answer => answer;
        public List<TopicPartitionName> Partitions => partitions;
        public bool RemovesGroup => removesGroup;

        public override void Fail(ErrorCode error, GroupDecisions<TTicket> decisions)
        {
            if (answer is DeleteGroupAnswer)
                decisions.Answer(ticket, new DeleteGroupAnswer { Error = error });
            else if (answer is not null)
                decisions.Answer(ticket, new DeleteOffsetsAnswer { Error = error });
        }
    }
}
