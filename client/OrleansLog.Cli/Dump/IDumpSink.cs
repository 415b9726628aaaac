using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>Takes what a file turns out to hold, in the file's order. <see cref="TextDumpSink"/> and <see cref="JsonDumpSink"/> write it.</summary>
internal interface IDumpSink
{
    void Begin(DumpedFile file);

    void Batch(long position, in RecordBatchHeader header, bool isGood);

    void Record(in Record record, in RecordBatchHeader header);

    void OffsetEntry(long offset, long position);

    void TimeEntry(long timestampMs, long offset);

    /// <summary>An aborted transaction of a <c>.txnindex</c>.</summary>
    void AbortedTransaction(long producerId, long firstOffset, long lastOffset, long lastStableOffset);

    /// <summary>A line of a text file: a checkpoint's entry, a property.</summary>
    void Entry(IReadOnlyList<(string Name, string Value)> fields);

    void Damage(string file, long position, string message);

    void End(in DumpSummary summary);
}

/// <summary>A file that is being dumped.</summary>
/// <param name="Path">As the user named it, or as it was found in a directory that the user named.</param>
/// <param name="Kind">What its name says that it is.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="BaseOffset">The offset in its name, or -1.</param>
internal sealed record DumpedFile(string Path, DumpedFileKind Kind, long SizeBytes, long BaseOffset);

/// <summary>What came out of one file.</summary>
/// <param name="File">The file.</param>
/// <param name="Batches">Batches of a log.</param>
/// <param name="Records">Records of a log.</param>
/// <param name="Entries">Entries of anything else.</param>
/// <param name="FirstOffset">First offset of a log, or -1.</param>
/// <param name="LastOffset">Last offset of a log, or -1.</param>
/// <param name="UnusedBytes">Zeros at the end, set aside for later writes.</param>
/// <param name="Damages">Number of faults.</param>
internal readonly record struct DumpSummary(
    DumpedFile File,
    long Batches,
    long Records,
    long Entries,
    long FirstOffset,
    long LastOffset,
    long UnusedBytes,
    long Damages);
