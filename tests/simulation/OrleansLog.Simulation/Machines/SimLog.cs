namespace OrleansLog.Simulation;

/// <summary>A record: who it is, and the leader epoch that it was written in.</summary>
/// <param name="Id">Its own number; no two appends share one.</param>
/// <param name="Epoch">The leader epoch of the append.</param>
internal readonly record struct SimRecord(long Id, int Epoch);

/// <summary>
/// The records of one replica on its disk. It outlives the process; a power loss takes of what was not synced as much as it likes.
/// </summary>
internal sealed class SimLog
{
    private readonly List<SimRecord> _records = [];

    public SimEpochs Epochs { get; } = new();

    /// <summary>First offset that it has.</summary>
    public long Start { get; private set; }

    public long End => Start + _records.Count;

    /// <summary>What is below survives a power loss.</summary>
    public long DurableEnd { get; private set; }

    /// <summary>The high watermark as it was last written down.</summary>
    public long Checkpoint { get; private set; }

    /// <summary>Rises when records go, so that a sync that began before says nothing of what came after.</summary>
    public int Generation { get; private set; }

    public SimRecord this[long offset] => _records[(int)(offset - Start)];

    public bool Has(long offset) => offset >= Start && offset < End;

    public void Append(SimRecord record)
    {
        Epochs.Assign(record.Epoch, End);
        _records.Add(record);
    }

    public void Truncate(long end)
    {
        if (end < End)
            _records.RemoveRange((int)(end - Start), (int)(End - end));

        Epochs.TruncateFromEnd(end);
        DurableEnd = Math.Min(DurableEnd, End);
        Generation++;
    }

    public void Restart(long offset)
    {
        _records.Clear();
        Epochs.Clear();
        Start = offset;
        DurableEnd = offset;
        Generation++;
    }

    public void AdvanceStart(long offset)
    {
        var to = Math.Min(offset, End);
        if (to <= Start)
            return;

        _records.RemoveRange(0, (int)(to - Start));
        Start = to;
        DurableEnd = Math.Max(DurableEnd, Start);
        Epochs.TruncateFromStart(Start);
    }

    /// <summary>A sync has ended that covered everything below.</summary>
    public void Synced(long end) => DurableEnd = Math.Clamp(end, DurableEnd, End);

    public void WriteCheckpoint(long highWatermark) => Checkpoint = highWatermark;

    /// <summary>The machine lost power: some of what was not synced is gone.</summary>
    /// <returns>How many records went.</returns>
    public long LosePower(Dice dice)
    {
        var kept = DurableEnd + (dice.OneIn(2) ? 0 : dice.Below((int)(End - DurableEnd) + 1));
        var lost = End - kept;
        if (lost > 0)
            Truncate(kept);

        Synced(End);
        return lost;
    }

    /// <summary>A process opens it: what it knew of epochs without records is gone.</summary>
    public void Scan()
    {
        Epochs.Clear();
        for (var offset = Start; offset < End; offset++)
            Epochs.Assign(this[offset].Epoch, offset);
    }
}
