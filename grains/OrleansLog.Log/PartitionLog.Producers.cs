namespace OrleansLog.Log;

public sealed partial class PartitionLog
{
    private long _snapshotOffset;

    /// <summary>
    /// The producers that wrote to this partition (K5). Belongs to the log's writer, as <see cref="Append"/> does, which takes note of
    /// every batch that it writes; checking one first is its leader's part.
    /// </summary>
    public ProducerStates Producers { get; }

    /// <summary>
    /// Writes the producers down as they are before an offset: where a segment begins, and where a clean stop ends. It is not synced; a
    /// torn one is noticed by its checksum and built again.
    /// </summary>
    private void TakeSnapshot(long offset)
    {
        if (offset == _snapshotOffset)
            return;
        ProducerSnapshot.Write(_environment, SegmentFiles.PathOf(Directory, offset, SegmentFiles.Snapshot), Producers);
        _snapshotOffset = offset;
    }

    /// <summary>After a truncation: what the batches say that are left.</summary>
    private void ReloadProducers(long logEndOffset)
    {
        Producers.Clear();
        _snapshotOffset = new ProducerRecovery(_environment, Directory, _segments, Producers).Run(logEndOffset);
    }

    private void DeleteSnapshotsBeyond(long endOffset)
    {
        foreach (DiskEntry entry in _environment.Disk.List(Directory))
        {
            if (SegmentFiles.TryParse(entry.Name, out long offset, out string suffix) && suffix == SegmentFiles.Snapshot && offset > endOffset)
                _environment.Disk.Delete(Path.Combine(Directory, entry.Name));
        }

        // Whether the last one is still there does not matter: at worst it is written again.
        _snapshotOffset = -1;
    }
}
