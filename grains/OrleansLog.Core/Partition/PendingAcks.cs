namespace OrleansLog.Core.Partition;

/// <summary>
/// Appends that wait for an offset to be reached, in offset order: a ring that grows but never shrinks. New appends come at the end; only
/// the repetition of an earlier one goes in between.
/// </summary>
/// <typeparam name="TTicket">What the caller recognises a waiting append by.</typeparam>
internal sealed class PendingAcks<TTicket>
    where TTicket : class
{
    private (long RequiredOffset, TTicket? Ticket)[] _ring = new (long, TTicket?)[16];
    private int _head;
    private int _withdrawn;

    /// <summary>Entries in the ring, withdrawn ones included.</summary>
    public int Count { get; private set; }

    public void Enqueue(long requiredOffset, TTicket ticket)
    {
        if (Count == _ring.Length)
            Grow();

        var at = Count++;
        for (; at > 0 && Entry(at - 1).RequiredOffset > requiredOffset; at--)
            Entry(at) = Entry(at - 1);

        Entry(at) = (requiredOffset, ticket);
    }

    /// <summary>Takes the oldest append whose offset is reached; a withdrawn one is skipped.</summary>
    public bool TryDequeueReached(long offset, out TTicket ticket)
    {
        while (Count > 0 && _ring[_head].RequiredOffset <= offset)
        {
            var found = _ring[_head].Ticket;
            _ring[_head] = default;
            _head = (_head + 1) & (_ring.Length - 1);
            Count--;
            if (found is not null)
            {
                ticket = found;
                return true;
            }

            _withdrawn--;
        }

        ticket = null!;
        return false;
    }

    /// <summary>Takes a ticket out before its time; false when it is not there.</summary>
    public bool Withdraw(TTicket ticket)
    {
        for (var i = 0; i < Count; i++)
        {
            ref var entry = ref Entry(i);
            if (ReferenceEquals(entry.Ticket, ticket))
            {
                entry.Ticket = null;
                if (++_withdrawn > Count / 2)
                    DropWithdrawn();

                return true;
            }
        }

        return false;
    }

    private ref (long RequiredOffset, TTicket? Ticket) Entry(int number) => ref _ring[(_head + number) & (_ring.Length - 1)];

    /// <summary>Closes the gaps, so that what waits for an offset that does not come (a disk that hangs, an ISR that is too small) takes no more than it is.</summary>
    private void DropWithdrawn()
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            var entry = Entry(i);
            if (entry.Ticket is not null)
                Entry(kept++) = entry;
        }

        for (var i = kept; i < Count; i++)
            Entry(i) = default;

        Count = kept;
        _withdrawn = 0;
    }

    private void Grow()
    {
        var larger = new (long, TTicket?)[_ring.Length * 2];
        for (var i = 0; i < Count; i++)
            larger[i] = Entry(i);

        _ring = larger;
        _head = 0;
    }
}
