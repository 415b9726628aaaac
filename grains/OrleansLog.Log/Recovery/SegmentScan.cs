using OrleansLog.Protocol.Records;

namespace OrleansLog.Log;

/// <summary>
/// Reads a whole segment with its CRCs, builds its indexes anew, and finds what is damaged in it and whether good batches
/// follow the damage.
/// </summary>
internal sealed class SegmentScan
{
    private readonly LogEnvironment _environment;
    private readonly LogSegment _segment;
    private readonly IDiskFile _file;
    private readonly LogSettings _settings;
    private readonly Action<int, long>? _onEpoch;
    private readonly long _end;
    private readonly long _endOffsetMax;
    private readonly List<SegmentDamage> _damage = [];
    private int _lastEpoch = -1;

    /// <param name="environment">Disk and buffers.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="file">Its file.</param>
    /// <param name="settings">For the index interval, and whether holes in the offsets are usual.</param>
    /// <param name="end">Where to stop.</param>
    /// <param name="endOffsetMax">The offset at which the segment ends at the latest, as far as is known: the next one's first, the log's end, or the high watermark.</param>
    /// <param name="onEpoch">Told of each batch whose leader epoch is above the one before: (epoch, base offset).</param>
    internal SegmentScan(
        LogEnvironment environment, LogSegment segment, IDiskFile file, LogSettings settings, long end, long endOffsetMax, Action<int, long>? onEpoch = null)
    {
        _environment = environment;
        _segment = segment;
        _file = file;
        _settings = settings;
        _end = end;
        _endOffsetMax = endOffsetMax;
        _onEpoch = onEpoch;
        NextOffset = segment.BaseOffset;
        Offsets = new OffsetIndex(segment.BaseOffset, environment.Buffers);
        Times = new TimeIndex(segment.BaseOffset, environment.Buffers);
    }

    internal OffsetIndex Offsets { get; }

    internal TimeIndex Times { get; }

    internal IndexProgress Progress { get; private set; } = new();

    /// <summary>The offset after the last good batch.</summary>
    internal long NextOffset { get; private set; }

    /// <summary>Where the last good batch ends.</summary>
    internal long GoodEnd { get; private set; }

    /// <summary>What is wrong with the bytes behind <see cref="GoodEnd"/>; null if there are none.</summary>
    internal DamageKind? BadTail { get; private set; }

    /// <summary>Damage with good batches behind it, in this segment.</summary>
    internal IReadOnlyList<SegmentDamage> Damage => _damage;

    /// <summary>Whether good batches leave holes between their offsets, as cleaning does.</summary>
    internal bool HasHoles { get; private set; }

    internal bool IsEmpty => GoodEnd == 0;

    internal long BytesRead { get; private set; }

    /// <summary>Whether an open segment owns the indexes now.</summary>
    internal bool IsTakenOver { get; set; }

    internal void Run()
    {
        using var scanner = new BatchScanner(_environment, _file, 0, _end, _segment.BaseOffset, verifyCrc: true);
        while (true)
        {
            ScanStep step = scanner.Next();
            if (step == ScanStep.End)
                break;
            if (step == ScanStep.Batch && !IsMisplaced(scanner))
            {
                Accept(scanner);
                continue;
            }

            DamageKind kind = KindOf(step);

            // What is damaged held an offset at least: a batch that begins there again has lost its base offset, which no CRC covers.
            long next = DamageSearch.NextGoodBatch(
                _environment, _file, scanner.Position + 1, _end, NextOffset + 1, _segment.BaseOffset, out RecordBatchHeader header);
            if (next < 0)
            {
                BadTail = kind;
                break;
            }

            _damage.Add(new SegmentDamage(kind, GoodEnd, next, NextOffset, header.BaseOffset));
            scanner.MoveTo(next, header.BaseOffset);
            NextOffset = header.BaseOffset;
            GoodEnd = next;
        }

        Times.MaybeAppend(Progress.Max);
        BytesRead = scanner.BytesRead;
    }

    /// <summary>Gives the index memory back where nobody takes the indexes over.</summary>
    internal void ReleaseIndexes()
    {
        if (IsTakenOver)
            return;
        Offsets.Entries.ReturnToPool();
        Times.Entries.ReturnToPool();
    }

    private void Accept(BatchScanner scanner)
    {
        RecordBatchHeader header = scanner.Header;
        HasHoles |= header.BaseOffset > NextOffset;
        IndexProgress progress = Progress;
        progress.Note(Offsets, Times, header, (int)scanner.Position, _settings.IndexIntervalBytes);
        Progress = progress;
        if (header.PartitionLeaderEpoch > _lastEpoch)
        {
            _lastEpoch = header.PartitionLeaderEpoch;
            _onEpoch?.Invoke(_lastEpoch, header.BaseOffset);
        }

        NextOffset = header.NextOffset;
        GoodEnd = scanner.Position + header.SizeInBytes;
    }

    /// <summary>
    /// The base offset lies outside the CRC. A batch that jumps ahead is the damaged one if the next one takes the jump back, or if nothing follows it and
    /// it jumps behind the end. Otherwise the log was cleaned once, whatever its settings are now, or copied from one that was.
    /// </summary>
    private bool IsMisplaced(BatchScanner scanner)
    {
        RecordBatchHeader header = scanner.Header;
        if (_settings.IsCompacted || HasHoles || header.BaseOffset == NextOffset)
            return false;
        Span<byte> next = stackalloc byte[RecordBatchHeader.Size];
        long position = scanner.Position + header.SizeInBytes;
        if (position + next.Length > _end || _file.Read(position, next) < next.Length)
            return header.NextOffset > _endOffsetMax;
        return RecordBatchHeader.TryRead(next, out RecordBatchHeader after) && BatchScanner.IsPlausible(after, _end - position)
            && after.BaseOffset < header.NextOffset;
    }

    private static DamageKind KindOf(ScanStep step) => step switch
    {
        ScanStep.ChecksumMismatch => DamageKind.ChecksumMismatch,
        ScanStep.Batch or ScanStep.OffsetOrder => DamageKind.OffsetOrder,
        _ => DamageKind.Unreadable,
    };
}
