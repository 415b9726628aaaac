using System.Buffers;

namespace OrleansLog.Log;

/// <summary>What all logs of a broker share.</summary>
/// <param name="Disk">The disk.</param>
/// <param name="Segments">The bounded cache of cold segments' handles and indexes.</param>
public sealed record LogEnvironment(IDisk Disk, SegmentCache Segments)
{
    /// <summary>Where read buffers come from.</summary>
    public ArrayPool<byte> Buffers { get; init; } = ArrayPool<byte>.Shared;

    /// <summary>
    /// <c>orleanslog.producer.ids.per.partition.max</c>: producers that one partition remembers; beyond it those are forgotten that
    /// have not written for longest.
    /// </summary>
    public int MaxProducersPerPartition { get; init; } = 20_000;

    /// <summary>How much recovery reads at a time, in bytes.</summary>
    public int RecoveryReadBytes { get; init; } = 1024 * 1024;
}
