namespace OrleansLog.Core.Groups;

/// <summary>When an event happens, by two clocks, so that a clock that jumps moves retention only.</summary>
/// <param name="NowMs">Milliseconds of a clock that never goes back; sessions, barriers and delays follow it.</param>
/// <param name="UnixMs">Wall clock, milliseconds since 1970; stamped into records, and what offsets expire by.</param>
public readonly record struct GroupTime(long NowMs, long UnixMs);
