namespace OrleansLog.Log;

/// <summary>A small file of the log directory is not what it has to be.</summary>
public sealed class CheckpointFormatException(string path, int line, string problem)
    : IOException($"'{path}'{(line > 0 ? $", line {line}" : "")}: {problem}")
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>The line, from 1; 0 for the file as a whole.</summary>
    public int Line { get; } = line;
}
