using OrleansLog.Protocol;

namespace OrleansLog.Core.Partition;

/// <summary>An append that can be answered now.</summary>
/// <param name="Ticket">The append, as the caller named it.</param>
/// <param name="Error"><see cref="ErrorCode.None"/> when it is acknowledged.</param>
/// <typeparam name="TTicket">What the caller recognises a waiting append by.</typeparam>
public readonly record struct AckDecision<TTicket>(TTicket Ticket, ErrorCode Error)
    where TTicket : class;

/// <summary>What a <see cref="PartitionState{TTicket}"/> decided; the caller owns it, carries it out and clears it for the next event.</summary>
/// <typeparam name="TTicket">What the caller recognises a waiting append by.</typeparam>
public sealed class PartitionDecisions<TTicket>
    where TTicket : class
{
    /// <summary>Appends to answer, in offset order for each ack level.</summary>
    public List<AckDecision<TTicket>> Acks { get; } = [];

    /// <summary>True when the high watermark moved, so that waiting reads should look again.</summary>
    public bool HighWatermarkAdvanced { get; set; }

    /// <summary>True when the role or the epochs changed, so that waiting reads must be answered.</summary>
    public bool LeadershipChanged { get; set; }

    /// <summary>Another ISR to ask the controller for, or to ask for again; null for none.</summary>
    public IsrChange? IsrChange { get; set; }

    /// <summary>Makes room for the decisions of the next event.</summary>
    public void Clear()
    {
        Acks.Clear();
        HighWatermarkAdvanced = false;
        LeadershipChanged = false;
        IsrChange = null;
    }
}
