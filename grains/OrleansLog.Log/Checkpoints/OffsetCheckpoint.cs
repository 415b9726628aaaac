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
    public IReadOnlyDictionary<TopicPartitionName, long> Read() => throw new NotImplementedException(disk.ToString());

    /// <summary>Replaces all entries.</summary>
    public void Write(IReadOnlyDictionary<TopicPartitionName, long> offsets) => throw new NotImplementedException();
}

/// <summary>A small file of the log directory is not what it has to be.</summary>
public sealed class CheckpointFormatException(string path, int line, string problem)
    : IOException($"'{path}', line {line}: {problem}")
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>The line, from 1; 0 for the file as a whole.</summary>
    public int Line { get; } = line;
}
