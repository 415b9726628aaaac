namespace OrleansLog.Protocol.Messages;

/// <summary>A tagged field that the declaration does not know: kept, and written back (KIP-482).</summary>
/// <param name="Tag">Its number.</param>
/// <param name="Data">Its content, a slice of the frame it came in.</param>
public readonly record struct TaggedField(int Tag, ReadOnlyMemory<byte> Data);
