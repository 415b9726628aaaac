namespace OrleansLog.Log;

/// <summary>
/// One partition's log on disk. Passive and synchronous. One writer at a time calls <see cref="Append"/>, <see cref="Roll"/>,
/// <see cref="TruncateTo"/>, <see cref="AdvanceLogStart"/>, <see cref="ApplyRetention"/> and <see cref="Close"/>; any number of readers and one flush run
/// concurrently with it.
/// </summary>
public sealed partial class PartitionLog : IDisposable
{
    private PartitionLog() => throw new NotImplementedException();

    /// <summary>Opens or creates a log, and recovers it where the stop was unclean (D15, D11).</summary>
    /// <exception cref="DiskException">The disk failed.</exception>
    public static PartitionLog Open(
        LogEnvironment environment, string directory, TopicPartitionName name, LogSettings settings, in LogOpenContext context) =>
        throw new NotImplementedException();

    /// <summary>The partition.</summary>
    public TopicPartitionName Name => throw new NotImplementedException();

    /// <summary>The partition's directory.</summary>
    public string Directory => throw new NotImplementedException();

    /// <summary>The settings in force.</summary>
    public LogSettings Settings => throw new NotImplementedException();

    /// <summary>What opening found and did.</summary>
    public LogRecoveryReport RecoveryReport => throw new NotImplementedException();

    /// <summary>The first offset that may be read.</summary>
    public long LogStartOffset => throw new NotImplementedException();

    /// <summary>The first offset that is on this disk; equal to <see cref="LogStartOffset"/> until there is tiered storage (D16).</summary>
    public long LocalLogStartOffset => throw new NotImplementedException();

    /// <summary>The offset that the next record gets.</summary>
    public long LogEndOffset => throw new NotImplementedException();

    /// <summary>All below is synced: the recovery point, and under <c>ack</c> what counts as stored (D4).</summary>
    public long DurableEndOffset => throw new NotImplementedException();

    /// <summary>Bytes of all segments.</summary>
    public long SizeInBytes => throw new NotImplementedException();

    /// <summary>Bytes appended and not yet synced.</summary>
    public long UnflushedBytes => throw new NotImplementedException();

    /// <summary>Offsets appended and not yet synced.</summary>
    public long UnflushedMessages => LogEndOffset - DurableEndOffset;

    /// <summary>How many segments there are.</summary>
    public int SegmentCount => throw new NotImplementedException();

    /// <summary>The largest timestamp in the log and the offset of its batch's last record.</summary>
    public TimestampOffset MaxTimestamp => throw new NotImplementedException();

    /// <summary>The first error that was final: a cut after a failed write that failed too, or any failed fsync (S8).</summary>
    public DiskException? Failure => throw new NotImplementedException();

    /// <summary>The history of leader epochs.</summary>
    public LeaderEpochCache LeaderEpochs => throw new NotImplementedException();

    /// <summary>Damage known so far: found at opening and by reads since. Never shrinks but by retention and truncation.</summary>
    public IReadOnlyList<LogDamage> Damage => throw new NotImplementedException();

    /// <summary>Puts other settings in force, from the next append on.</summary>
    public void UpdateSettings(LogSettings settings) => throw new NotImplementedException();

    /// <summary>
    /// Appends validated batches as their leader: writes base offset and leader epoch into them in place (D2), rolls as
    /// needed, with one gathered write per segment. All or nothing.
    /// </summary>
    /// <param name="batches">Whole batches, one per memory, already validated (D14).</param>
    /// <param name="leaderEpoch">The leader's epoch.</param>
    /// <param name="nowMs">The time, in milliseconds since the Unix epoch.</param>
    /// <param name="baseOffsets">Gets each batch's base offset; as long as <paramref name="batches"/>.</param>
    public AppendOutcome Append(ReadOnlySpan<Memory<byte>> batches, int leaderEpoch, long nowMs, Span<long> baseOffsets) =>
        throw new NotImplementedException();

    /// <summary>Appends batches that have their offsets and epochs already, as a follower does. All or nothing.</summary>
    /// <exception cref="ArgumentException">A batch's base offset lies below the log end.</exception>
    public AppendOutcome AppendReplicated(ReadOnlySpan<Memory<byte>> batches, long nowMs) => throw new NotImplementedException();

    /// <summary>Reads whole batches from the one that holds <paramref name="offset"/> on, out of one segment.</summary>
    /// <param name="offset">The first offset wanted.</param>
    /// <param name="maxBytes">No more than this, see <paramref name="atLeastOneBatch"/>.</param>
    /// <param name="upperBoundOffset">Exclusive: high watermark, last stable offset or log end.</param>
    /// <param name="atLeastOneBatch">Return the first batch even if it is larger than <paramref name="maxBytes"/>.</param>
    public LogRead Read(long offset, int maxBytes, long upperBoundOffset, bool atLeastOneBatch) => throw new NotImplementedException();

    /// <summary>As <see cref="Read"/>, but names the part of the file instead of copying it.</summary>
    public LogSlice ReadSlice(long offset, int maxBytes, long upperBoundOffset, bool atLeastOneBatch) => throw new NotImplementedException();

    /// <summary>The first record at or after a timestamp, at or after the log start.</summary>
    /// <param name="timestampMs">Milliseconds since the Unix epoch.</param>
    /// <param name="maxDecompressedBytes">How large one compressed batch may become.</param>
    public TimestampSearch OffsetForTimestamp(long timestampMs, long maxDecompressedBytes = 256L * 1024 * 1024) =>
        throw new NotImplementedException();

    /// <summary>Takes note of what a flush has to make durable.</summary>
    public FlushTicket BeginFlush() => throw new NotImplementedException();

    /// <summary>Carries a flush out; may run on another thread than the writer's, one at a time.</summary>
    public FlushOutcome Flush(FlushTicket ticket) => throw new NotImplementedException();

    /// <summary>Makes all that is appended durable.</summary>
    public FlushOutcome Flush() => Flush(BeginFlush());

    /// <summary>Closes the active segment and starts a new one; nothing happens when it is empty.</summary>
    /// <exception cref="DiskException">The disk failed; the log goes on in the old segment.</exception>
    public void Roll(long nowMs) => throw new NotImplementedException();

    /// <summary>
    /// Rolls if the active segment holds something older than <c>segment.ms</c>; for partitions that get no appends. True if it rolled.
    /// </summary>
    public bool RollIfAged(long nowMs) => throw new NotImplementedException();

    /// <summary>
    /// Cuts everything from an offset on; a batch that holds the offset goes as a whole. Where it lies below the high watermark
    /// checkpoint, write a lower one first (D15).
    /// </summary>
    /// <returns>The new log end.</returns>
    /// <exception cref="DiskException">The disk failed; the log is failed then.</exception>
    public long TruncateTo(long offset) => throw new NotImplementedException();

    /// <summary>Drops everything and starts again at an offset.</summary>
    /// <exception cref="DiskException">The disk failed; the log is failed then.</exception>
    public void TruncateFullyAndStartAt(long offset) => throw new NotImplementedException();

    /// <summary>Moves the log start (DeleteRecords, or a leader's start at a follower); never backwards, never beyond the log end.</summary>
    /// <returns>The log start after it.</returns>
    public long AdvanceLogStart(long offset) => throw new NotImplementedException();

    /// <summary>Renames whole segments that are past retention or below the log start to <c>.deleted</c>; never at or above the high watermark.</summary>
    public RetentionResult ApplyRetention(long nowMs, long highWatermark) => throw new NotImplementedException();

    /// <summary>Closes all files. With <paramref name="clean"/>, writes the indexes and makes all durable first.</summary>
    /// <returns>The outcome of the flush; only without an error may the directory be marked clean.</returns>
    public FlushOutcome Close(bool clean) => throw new NotImplementedException();

    /// <summary>Closes without a flush.</summary>
    public void Dispose() => Close(clean: false);
}
