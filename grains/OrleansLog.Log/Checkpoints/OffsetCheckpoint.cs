using System.Globalization;

namespace OrleansLog.Log;

/// <summary>
/// One of a log directory's checkpoint files: an offset per partition, in Kafka's form. Written to a temporary file, synced
/// and renamed.
/// </summary>
public sealed class OffsetCheckpoint(IDisk disk, string path)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Reads all entries; a missing file has none.</summary>
    /// <exception cref="CheckpointFormatException">The file is not a checkpoint.</exception>
    /// <exception cref="DiskException">The disk failed.</exception>
    public IReadOnlyDictionary<TopicPartitionName, long> Read()
    {
        var offsets = new Dictionary<TopicPartitionName, long>();
        string? text = AtomicFile.TryRead(disk, Path);
        if (text is null)
            return offsets;
        foreach ((int line, string[] fields) in CheckpointText.Parse(Path, text, fieldsPerLine: 3))
        {
            long partition = CheckpointText.Number(Path, line, fields[1]);
            long offset = CheckpointText.Number(Path, line, fields[2]);
            if (partition is < 0 or > int.MaxValue || offset < 0)
                throw new CheckpointFormatException(Path, line, "partition and offset cannot be negative.");
            if (!offsets.TryAdd(new TopicPartitionName(fields[0], (int)partition), offset))
                throw new CheckpointFormatException(Path, line, $"{fields[0]}-{partition} is there twice.");
        }

        return offsets;
    }

    /// <summary>Replaces all entries, durably.</summary>
    /// <exception cref="DiskException">The disk failed; the old file is still there.</exception>
    public void Write(IReadOnlyDictionary<TopicPartitionName, long> offsets) =>
        AtomicFile.Write(disk, Path, CheckpointText.Format(offsets, static (text, entry) =>
            text.Append(CultureInfo.InvariantCulture, $"{entry.Key.Topic} {entry.Key.Partition} {entry.Value}")));
}
