namespace OrleansLog.Log;

/// <summary>A damaged stretch of one segment file and the offsets that it hides.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Position">Where it begins.</param>
/// <param name="EndPosition">Where the next good batch begins, or the end of the file.</param>
/// <param name="FromOffset">The first hidden offset.</param>
/// <param name="ToOffset">The first offset that can be read again.</param>
internal readonly record struct SegmentDamage(DamageKind Kind, long Position, long EndPosition, long FromOffset, long ToOffset);
