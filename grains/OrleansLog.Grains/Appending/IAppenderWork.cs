namespace OrleansLog.Grains.Appending;

/// <summary>Something that only a partition's one writer may do: an append, or a change of the log or of its leadership.</summary>
internal interface IAppenderWork
{
    /// <summary>Bytes that it holds in the queue.</summary>
    int QueuedBytes { get; }
}
