namespace OrleansLog.Core.Groups;

/// <summary>Records to append as one batch, in order, under the shard's leader epoch; <c>AppendCompleted</c> follows with its id.</summary>
/// <param name="Id">Names the append; rises within a group. Appends of a group complete in this order.</param>
/// <param name="Records">At least one record.</param>
public readonly record struct GroupAppend(long Id, IReadOnlyList<GroupRecord> Records);

/// <summary>One record of <c>__consumer_offsets</c>, with the leading version of key and value.</summary>
/// <param name="Key">Never empty.</param>
/// <param name="Value">Null: a tombstone.</param>
public readonly record struct GroupRecord(byte[] Key, byte[]? Value);

/// <summary>A request that can be answered now.</summary>
/// <param name="Ticket">The request, as the caller named it.</param>
/// <param name="Answer">A <see cref="JoinAnswer"/>, <see cref="SyncAnswer"/>, <see cref="LeaveAnswer"/>, <see cref="CommitAnswer"/>, <see cref="DeleteOffsetsAnswer"/> or <see cref="DeleteGroupAnswer"/>, by the call it was.</param>
/// <typeparam name="TTicket">What the caller recognises a waiting request by.</typeparam>
public readonly record struct GroupAnswerTo<TTicket>(TTicket Ticket, GroupAnswer Answer)
    where TTicket : class;

/// <summary>
/// What a <see cref="GroupState{TTicket}"/> decided; the caller owns it, carries it out (appends first, then answers) and clears it for the next event.
/// </summary>
/// <typeparam name="TTicket">What the caller recognises a waiting request by.</typeparam>
public sealed class GroupDecisions<TTicket>
    where TTicket : class
{
    /// <summary>Requests to answer, each exactly once.</summary>
    public List<GroupAnswerTo<TTicket>> Answers { get; } = [];

    /// <summary>Batches to append, in this order.</summary>
    public List<GroupAppend> Appends { get; } = [];

    /// <summary>Makes room for the decisions of the next event.</summary>
    public void Clear()
    {
        Answers.Clear();
        Appends.Clear();
    }

    internal void Answer(TTicket? ticket, GroupAnswer answer)
    {
        if (ticket is not null)
            Answers.Add(new(ticket, answer));
    }
}
