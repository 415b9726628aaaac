using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

public sealed partial class PartitionLog
{
    private const int KeepEpochs = -1;

    /// <summary>
    /// Appends validated batches as their leader: writes base offset and leader epoch into them in place (D2), rolls as
    /// needed, with one gathered write per segment. All or nothing.
    /// </summary>
    /// <param name="batches">Whole batches, one per memory, already validated (D14).</param>
    /// <param name="leaderEpoch">The leader's epoch.</param>
    /// <param name="nowMs">The time, in milliseconds since the Unix epoch.</param>
    /// <param name="baseOffsets">Gets each batch's base offset; as long as <paramref name="batches"/>.</param>
    public AppendOutcome Append(ReadOnlySpan<Memory<byte>> batches, int leaderEpoch, long nowMs, Span<long> baseOffsets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leaderEpoch);
        long next = _logEndOffset;
        for (int i = 0; i < batches.Length; i++)
        {
            Span<byte> batch = batches[i].Span;
            baseOffsets[i] = next;

            // First of all: what a producer wrote there is outside the checksum and may be anything.
            RecordBatchHeader.SetBaseOffset(batch, next);
            RecordBatchHeader header = HeaderOf(batch);
            RecordBatchHeader.SetPartitionLeaderEpoch(batch, leaderEpoch);
            next += header.LastOffsetDelta + 1L;
        }

        return AppendPlaced(batches, leaderEpoch, nowMs);
    }

    private AppendOutcome AppendPlaced(ReadOnlySpan<Memory<byte>> batches, int leaderEpoch, long nowMs)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (Failure is { } failure)
            return new AppendOutcome { Status = AppendStatus.LogFailed, Error = failure, FirstOffset = _logEndOffset, LogEndOffset = _logEndOffset };
        if (batches.IsEmpty)
            return new AppendOutcome { FirstOffset = _logEndOffset, LogEndOffset = _logEndOffset };
        var mark = new AppendMark(this);
        Producers.BeginAppend(nowMs);
        try
        {
            long bytes = WriteGroups(batches, leaderEpoch, nowMs, out long nextOffset);
            long first = HeaderOf(batches[0].Span).BaseOffset;
            bool rolled = _segments.Length > mark.SegmentCount;
            if (rolled)
                KeepRolls();
            Interlocked.Add(ref _appendedBytes, bytes);
            Volatile.Write(ref _logEndOffset, nextOffset);
            _hints.Set(Active, nextOffset, Active.SizeInBytes, _hints.Generation);
            return new AppendOutcome
            {
                FirstOffset = first,
                LogEndOffset = nextOffset,
                Bytes = bytes,
                Rolled = rolled,
            };
        }
        catch (DiskException error)
        {
            mark.Restore(this);
            return new AppendOutcome { Status = AppendStatus.DiskError, Error = error, FirstOffset = _logEndOffset, LogEndOffset = _logEndOffset };
        }
    }

    private long WriteGroups(ReadOnlySpan<Memory<byte>> batches, int leaderEpoch, long nowMs, out long nextOffset)
    {
        long bytes = 0;
        nextOffset = _logEndOffset;
        int groupFrom = 0;
        long groupBytes = 0;
        for (int i = 0; i < batches.Length; i++)
        {
            RecordBatchHeader header = HeaderOf(batches[i].Span);
            int epoch = leaderEpoch == KeepEpochs ? header.PartitionLeaderEpoch : leaderEpoch;
            if (epoch > LeaderEpochs.LatestEpoch)
                LeaderEpochs.Assign(epoch, header.BaseOffset);
            if (!Fits(header, groupBytes, i - groupFrom, nowMs))
            {
                WriteGroup(batches[groupFrom..i], nowMs);
                (groupFrom, groupBytes) = (i, 0);
                if (!Fits(header, 0, 0, nowMs))
                    RollTo(header.BaseOffset, nowMs, isUndoable: true);
            }

            groupBytes += batches[i].Length;
            bytes += batches[i].Length;
            nextOffset = header.NextOffset;
        }

        WriteGroup(batches[groupFrom..], nowMs);
        return bytes;
    }

    /// <summary>Whether a batch may join the active segment, behind a group that is not written yet: Kafka's rules for rolling (L7).</summary>
    private bool Fits(in RecordBatchHeader header, long groupBytes, int groupCount, long nowMs)
    {
        LogSegment active = Active;
        LogSettings settings = Settings;
        if (header.LastOffset - active.BaseOffset > int.MaxValue)
            return false;
        long size = active.SizeInBytes + groupBytes;
        if (size == 0)
            return true;
        if (size + header.SizeInBytes > settings.SegmentBytes)
            return false;
        int offsetEntries = _activeOpen.Offsets.Entries.Count + groupCount;
        int timeEntries = _activeOpen.Times.Entries.Count + groupCount;
        if (offsetEntries >= settings.SegmentIndexBytes / OffsetIndex.EntrySize || timeEntries >= settings.SegmentIndexBytes / TimeIndex.EntrySize - 1)
            return false;
        if (active.SizeInBytes == 0)
            return true;
        long firstMs = active.Progress.FirstTimestampMs;
        long ageMs = firstMs >= 0 ? header.MaxTimestamp - firstMs : nowMs - active.BegunMs;
        return ageMs <= settings.SegmentMs - settings.SegmentJitterMs;
    }

    private void WriteGroup(ReadOnlySpan<Memory<byte>> group, long nowMs)
    {
        if (group.IsEmpty)
            return;
        LeaderEpochs.Stage();
        LogSegment active = Active;
        int position = active.SizeInBytes;
        if (position == 0)
            active.BegunMs = nowMs;
        if (group.Length == 1)
            _activeOpen.File.Write(position, group[0].Span);
        else
            _activeOpen.File.Write(position, AsReadOnly(group));
        int intervalBytes = Settings.IndexIntervalBytes;
        foreach (Memory<byte> batch in group)
        {
            RecordBatchHeader header = HeaderOf(batch.Span);
            active.NoteBatch(_activeOpen, header, position, intervalBytes);
            if (header.HasProducerId)
                Producers.Apply(header, header.IsControl ? TransactionMarker.CoordinatorEpochOf(batch) : null);
            position += batch.Length;
        }

        active.SizeInBytes = position;
    }

    private static RecordBatchHeader HeaderOf(ReadOnlySpan<byte> batch)
    {
        if (!RecordBatchHeader.TryRead(batch, out RecordBatchHeader header) || !BatchScanner.IsPlausible(header, batch.Length)
            || header.SizeInBytes != batch.Length)
            throw new ArgumentException($"{batch.Length} bytes are not one whole batch; validate before appending (D14).", nameof(batch));
        return header;
    }

    // The same struct with another name; the runtime's own conversion does just this for one element.
    private static ReadOnlySpan<ReadOnlyMemory<byte>> AsReadOnly(ReadOnlySpan<Memory<byte>> memories) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<Memory<byte>, ReadOnlyMemory<byte>>(ref MemoryMarshal.GetReference(memories)), memories.Length);

    /// <summary>Where the log stood before an append, to go back to when the disk refuses half-way (S8).</summary>
    private readonly struct AppendMark(PartitionLog log)
    {
        private readonly LogSegment[] _segments = log._segments;
        private readonly OpenSegment _open = log._activeOpen;
        private readonly IndexProgress _progress = log.Active.Progress;
        private readonly TimestampOffset _maxTimestamp = log.Active.MaxTimestamp;
        private readonly int _size = log.Active.SizeInBytes;
        private readonly int _offsetEntries = log._activeOpen.Offsets.Entries.Count;
        private readonly int _timeEntries = log._activeOpen.Times.Entries.Count;

        internal int SegmentCount => _segments.Length;

        internal void Restore(PartitionLog log)
        {
            LogSegment active = _segments[^1];
            log.Producers.Undo();
            try
            {
                log.DeleteSnapshotsBeyond(log._logEndOffset);
                log.DropNewSegments(_segments, _open);
                active.SizeInBytes = _size;
                if (_open.File.Length > _size)
                {
                    _open.File.Truncate(_size);
                    log.SyncCut(_open.File);
                }

                _open.Offsets.Entries.TruncateTo(_offsetEntries);
                _open.Times.Entries.TruncateTo(_timeEntries);
                active.Progress = _progress;
                active.MaxTimestamp = _maxTimestamp;
            }
            catch (DiskException error)
            {
                log.Fail(error);
            }
        }
    }
}
