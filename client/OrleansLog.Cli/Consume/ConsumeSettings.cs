namespace OrleansLog.Cli;

/// <summary>What <c>olog consume</c> was asked to do, checked.</summary>
internal sealed record ConsumeSettings
{
    public required string Topic { get; init; }

    public required StartPosition From { get; init; }

    public int[] Partitions { get; init; } = [];

    public long? MaxMessages { get; init; }

    public bool ExitsAtEnd { get; init; }

    public required RecordFormat Format { get; init; }

    /// <summary>The group to be a member of, or null.</summary>
    public string? Group { get; init; }

    public bool IsQuiet { get; init; }
}
