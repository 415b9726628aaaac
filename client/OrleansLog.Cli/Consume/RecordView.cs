using OrleansLog.Protocol.Records;

namespace OrleansLog.Cli;

/// <summary>A record with where it lies: what formats and JSON lines show.</summary>
internal readonly ref struct RecordView
{
    public required string Topic { get; init; }

    public required int Partition { get; init; }

    public required long Offset { get; init; }

    public required long TimestampMs { get; init; }

    public required ReadOnlySpan<byte> Key { get; init; }

    public required bool IsKeyNull { get; init; }

    public required ReadOnlySpan<byte> Value { get; init; }

    public required bool IsValueNull { get; init; }

    /// <summary>Epoch of the leader that appended it; -1 where the batch does not say.</summary>
    public required int LeaderEpoch { get; init; }

    public ReadOnlySpan<RecordHeader> Headers { get; init; }
}
